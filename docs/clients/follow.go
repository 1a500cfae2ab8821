// follow HOST:PORT LOG [LAST_ID] prints the events of a log behind that id, through restarts of the server.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Event is one of a stream; ID is "" where it has none.
type Event struct{ Name, ID, Data string }

// Follower yields the events of Log behind LastID; without one it begins with the first record.
type Follower struct {
	Host, Log, LastID, Token string
	logID                    string // a log that is made anew under the name is another one
}

// Follow calls handle with each event until the log is deleted, and returns why it ended.
func (f *Follower) Follow(ctx context.Context, handle func(Event)) error {
	for {
		gone, err := f.once(ctx, handle)
		if gone || ctx.Err() != nil {
			return err
		}
		time.Sleep(2 * time.Second) // it is not there, or was cut off
	}
}

func (f *Follower) once(ctx context.Context, handle func(Event)) (gone bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(time.Minute, cancel) // which a server that lives breaks
	query := url.Values{"follow": {"sse"}}
	if f.logID != "" {
		query.Set("log_id", f.logID)
	}
	address := "http://" + f.Host + "/v1/logs/" + f.Log + "/records?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		return true, err
	}
	if f.Token != "" {
		request.Header.Set("Authorization", "Bearer "+f.Token)
	}
	if f.LastID != "" {
		request.Header.Set("Last-Event-ID", f.LastID)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	if code := answer.StatusCode; code != 200 {
		text, _ := io.ReadAll(answer.Body)
		// 404 and 409: the log is gone; 416: it never had that id; 401 and 403: the token is not for it
		return code < 500 && code != 408 && code != 429, fmt.Errorf("%s", text)
	}
	f.logID = answer.Header.Get("Log-Id")
	var event Event
	for lines := bufio.NewReader(answer.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return false, err // an event that is cut off is none
		}
		silence.Reset(time.Minute)
		switch field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); {
		case field == "event":
			event.Name = value
		case field == "id":
			event.ID = value
		case field == "data":
			event.Data = value // always one line
		case line == "\n": // the end of an event
			if event.ID != "" {
				f.LastID = event.ID
			}
			if event.Data != "" {
				handle(event)
			}
			if event.Name == "end" && strings.Contains(event.Data, `"deleted"`) {
				return true, nil
			}
			event = Event{}
		}
	}
}

func main() {
	follower := Follower{Host: os.Args[1], Log: os.Args[2], Token: os.Getenv("DAYBOOK_TOKEN")}
	if len(os.Args) > 3 {
		follower.LastID = os.Args[3]
	}
	err := follower.Follow(context.Background(), func(event Event) { fmt.Println(event.Name, event.ID, event.Data) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
