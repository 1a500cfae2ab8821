// Command seed is the commit log as the tutorial that daybook's API comes from builds it: net/http,
// gorilla/mux, encoding/json and a slice under a mutex. It is here to be compared with only.
//
//	seed -port N
//
// The number of threads is GOMAXPROCS. Reads take the offset from the body, as in the tutorial, or
// from the query, as load generators send it.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/gorilla/mux"
)

type record struct {
	Value  []byte `json:"value"`
	Offset uint64 `json:"offset"`
}

var errNoSuchOffset = errors.New("offset not found")

type commitLog struct {
	mu      sync.Mutex
	records []record
}

func (l *commitLog) add(r record) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Offset = uint64(len(l.records))
	l.records = append(l.records, r)
	return r.Offset
}

func (l *commitLog) at(offset uint64) (record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if offset >= uint64(len(l.records)) {
		return record{}, errNoSuchOffset
	}
	return l.records[offset], nil
}

type server struct {
	log commitLog
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *server) handleAppend(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Record record `json:"record"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, struct {
		Offset uint64 `json:"offset"`
	}{s.log.add(request.Record)})
}

func offsetOf(r *http.Request) (uint64, error) {
	if r.URL.RawQuery != "" {
		return strconv.ParseUint(r.URL.Query().Get("offset"), 10, 64)
	}
	var request struct {
		Offset uint64 `json:"offset"`
	}
	err := json.NewDecoder(r.Body).Decode(&request)
	return request.Offset, err
}

func (s *server) handleRead(w http.ResponseWriter, r *http.Request) {
	offset, err := offsetOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	found, err := s.log.at(offset)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	answer(w, struct {
		Record record `json:"record"`
	}{found})
}

func main() {
	port := flag.Int("port", 0, "on the loopback interface; 0: a free one")
	flag.Parse()
	s := &server{}
	router := mux.NewRouter()
	router.HandleFunc("/", s.handleAppend).Methods(http.MethodPost)
	router.HandleFunc("/", s.handleRead).Methods(http.MethodGet)
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, router))
}
