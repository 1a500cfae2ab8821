// linearizability URL HISTORIES SEED: lets clients append, append on a condition, read at the end and trim at the same time,
// and checks with porcupine that what each was answered could have been answered one after the other. Ends with 1, and the
// history, at the first that could not. With several URLs, commas between them, see replicated.go.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	clients       = 5
	opsPerClient  = 9
	patience      = 20 * time.Second
	checkPatience = 60 * time.Second
)

type kind int

const (
	appendAlways kind = iota
	appendAtEnd
	readLast
	readEnd
	readInfo
	trim
)

// What was asked: the value of an append, its expected end, or what a trim is before.
type input struct {
	Kind   kind
	Value  string
	Number uint64
}

// What was answered: the log's first offset and end as far as it tells, an append's offset, the last record's value.
type output struct {
	Code    int
	Outcome string
	First   uint64
	Offset  uint64
	Next    uint64
	Value   string
}

// What a log is: where it begins and ends, and the value of its last record while it is there.
type state struct {
	First, Next uint64
	Last        string
}

func step(before, asked, answered any) (bool, any) {
	s, in, out := before.(state), asked.(input), answered.(output)
	appended := state{s.First, s.Next + 1, in.Value}
	switch in.Kind {
	case appendAlways:
		return out.Code == 201 && out.Offset == s.Next && out.Next == s.Next+1, appended
	case appendAtEnd:
		if in.Number == s.Next {
			return out.Code == 201 && out.Offset == s.Next && out.Next == s.Next+1, appended
		}
		return out.Code == 412 && out.Next == s.Next, s
	case readLast:
		return out.Code == 200 && out.Next == s.Next && out.Value == s.Last, s
	case readEnd:
		return out.Code == 200 && out.Next == s.Next, s
	case readInfo:
		return out.Code == 200 && out.First == s.First && out.Next == s.Next, s
	case trim:
		if in.Number > s.Next {
			return out.Code == 400, s
		}
		after := state{max(s.First, in.Number), s.Next, s.Last}
		if after.First == after.Next {
			after.Last = ""
		}
		return out.Code == 200 && out.First >= after.First, after
	}
	return false, s
}

func model(begin state) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: step,
		DescribeOperation: func(in, out any) string {
			return fmt.Sprintf("%+v -> %+v", in, out)
		},
	}
}

// A log that the servers at these addresses have, which are asked in turn.
type log struct {
	addresses []string
	name      string
	turn      atomic.Uint64
	http      http.Client
}

// The members of answers that matter here.
type answer struct {
	First_offset uint64
	Last_offset  uint64
	Next_offset  uint64
	Outcome      string
	Id           string
	Records      json.RawMessage
}

func (l *log) ask(method, target, contentType string, body []byte, fields map[string]string) (int, answer) {
	address := l.addresses[l.turn.Add(1)%uint64(len(l.addresses))]
	request, err := http.NewRequest(method, address+target, bytes.NewReader(body))
	fail(err)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for name, value := range fields {
		request.Header.Set(name, value)
	}
	response, err := l.http.Do(request)
	fail(err)
	defer response.Body.Close()
	var document answer
	fail(json.NewDecoder(response.Body).Decode(&document))
	return response.StatusCode, document
}

func (l *log) do(in input) output {
	target := "/v1/logs/" + l.name
	records := target + "/records"
	switch in.Kind {
	case appendAlways, appendAtEnd:
		fields := map[string]string{}
		if in.Kind == appendAtEnd {
			fields["Expected-Next-Offset"] = strconv.FormatUint(in.Number, 10)
		}
		code, document := l.ask("POST", records, "text/plain", []byte(in.Value), fields)
		return output{Code: code, Outcome: document.Outcome, Offset: document.First_offset, Next: document.Next_offset}
	case readLast:
		code, document := l.ask("GET", records+"?last=1&encoding=text", "", nil, nil)
		var shown []struct{ Text string }
		if code == 200 {
			fail(json.Unmarshal(document.Records, &shown))
		}
		out := output{Code: code, Next: document.Next_offset}
		if len(shown) == 1 {
			out.Value = shown[0].Text
		}
		return out
	case readEnd:
		code, document := l.ask("GET", records+"?offset=next", "", nil, nil)
		return output{Code: code, Next: document.Next_offset}
	case readInfo:
		code, document := l.ask("GET", target, "", nil, nil)
		return output{Code: code, First: document.First_offset, Next: document.Next_offset}
	default:
		body := []byte(fmt.Sprintf(`{"before":%d}`, in.Number))
		code, document := l.ask("POST", target+"/trim", "application/json", body, nil)
		return output{Code: code, First: document.First_offset}
	}
}

type choice func(chance *rand.Rand, end uint64, value string) input

// What a client asks next, which has seen the log end at `end`.
func choose(chance *rand.Rand, end uint64, value string) input {
	switch chance.Intn(10) {
	case 0, 1, 2:
		return input{Kind: appendAlways, Value: value}
	case 3, 4, 5:
		return input{Kind: appendAtEnd, Value: value, Number: end + uint64(chance.Intn(8)/7)}
	case 6:
		return input{Kind: readLast}
	case 7:
		return input{Kind: readEnd}
	case 8:
		return input{Kind: readInfo}
	default:
		return input{Kind: trim, Number: end + uint64(chance.Intn(8)/7) - min(end, uint64(chance.Intn(3)))}
	}
}

// `choose` says what a client asks next.
func (l *log) record(history int, end uint64, chance *rand.Rand, choose choice) []porcupine.Operation {
	var (
		lock       sync.Mutex
		operations []porcupine.Operation
		running    sync.WaitGroup
		began      = time.Now()
	)
	for client := 0; client < clients; client++ {
		own := rand.New(rand.NewSource(chance.Int63()))
		running.Add(1)
		go func(client int, end uint64) {
			defer running.Done()
			for op := 0; op < opsPerClient; op++ {
				in := choose(own, end, fmt.Sprintf("%d.%d.%d", history, client, op))
				called := time.Since(began).Nanoseconds()
				out := l.do(in)
				returned := time.Since(began).Nanoseconds()
				if out.nothingWasDone() {
					continue
				}
				if out.isUnknown() {
					returned = math.MaxInt64
				}
				end = max(end, out.Next)
				lock.Lock()
				operations = append(operations, porcupine.Operation{
					ClientId: client, Input: in, Call: called, Output: out, Return: returned})
				lock.Unlock()
				if out.isUnknown() {
					return // a client does one thing after another
				}
			}
		}(client, end)
	}
	running.Wait()
	return operations
}

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("linearizability URL HISTORIES SEED"))
	}
	histories, err := strconv.Atoi(os.Args[2])
	fail(err)
	seed, err := strconv.ParseInt(os.Args[3], 10, 64)
	fail(err)
	l := &log{addresses: strings.Split(os.Args[1], ","), name: "default"}
	l.http = http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: patience}
	chance := rand.New(rand.NewSource(seed))
	if len(l.addresses) > 1 {
		checkReplicated(l, histories, seed, chance)
		return
	}
	count := 0
	for history := 0; history < histories; history++ {
		info, last := l.do(input{Kind: readInfo}), l.do(input{Kind: readLast})
		operations := l.record(history, info.Next, chance, choose)
		count += len(operations)
		begin := state{info.First, info.Next, last.Value}
		if result := porcupine.CheckOperationsTimeout(model(begin), operations, checkPatience); result != porcupine.Ok {
			fmt.Printf("history %d of seed %d, of a log from %d to %d, is not linearizable (%s):\n",
				history, seed, info.First, info.Next, result)
			endWith(operations)
		}
	}
	fmt.Printf("%d histories of %d operations, seed %d: all are linearizable\n", histories, count, seed)
}

func endWith(operations []porcupine.Operation) {
	for _, op := range operations {
		fmt.Printf("client %d, %9d to %9d ns: %+v -> %+v\n", op.ClientId, op.Call, op.Return, op.Input, op.Output)
	}
	os.Exit(1)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
