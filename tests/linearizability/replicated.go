package main

import (
	"bufio"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	makeTries    = 300
	makeInterval = 100 * time.Millisecond
)

// Of several servers of the same logs, which may fail: each history is one of a new log, so that what comes late of one is not
// in the next. The log's name and id are told on standard output, and the history begins when there is a line on standard input.
func checkReplicated(l *log, histories int, seed int64, chance *rand.Rand) {
	count, unknown, undecided := 0, 0, 0
	begin := bufio.NewReader(os.Stdin)
	for history := 0; history < histories; history++ {
		l.name = fmt.Sprintf("h%d-%d", seed, history)
		fmt.Printf("%s %s\n", l.name, l.make())
		_, err := begin.ReadString('\n')
		fail(err)
		operations := l.record(history, 0, chance, chooseWithoutTrim)
		count += len(operations)
		for _, operation := range operations {
			if operation.Output.(output).isUnknown() {
				unknown++
			}
		}
		switch porcupine.CheckOperationsTimeout(replicatedModel(), operations, checkPatience) {
		case porcupine.Unknown:
			undecided++
		case porcupine.Illegal:
			fmt.Printf("history %d of seed %d is not linearizable:\n", history, seed)
			endWith(operations)
		}
	}
	fmt.Printf("%d histories of %d operations, %d of unknown outcome, seed %d: all are linearizable, %d are undecided\n",
		histories, count, unknown, seed, undecided)
}

// Returns the id of the log.
func (l *log) make() string {
	for tries := 0; ; tries++ {
		code, document := l.ask("PUT", "/v1/logs/"+l.name, "", nil, nil)
		if code == 201 || code == 200 {
			return document.Id
		}
		if tries == makeTries {
			fail(fmt.Errorf("the log %s cannot be made: %d", l.name, code))
		}
		time.Sleep(makeInterval)
	}
}

// The servers were not there for it.
func (out output) nothingWasDone() bool { return out.Code == 503 }

// It may be done, or will be, or not.
func (out output) isUnknown() bool { return out.Outcome == "unknown" }

func chooseWithoutTrim(chance *rand.Rand, end uint64, value string) input {
	for {
		if in := choose(chance, end, value); in.Kind != trim {
			return in
		}
	}
}

func replicatedModel() porcupine.Model {
	return (&porcupine.NondeterministicModel{
		Init: func() []any { return []any{state{}} },
		Step: func(before, asked, answered any) []any {
			s, in, out := before.(state), asked.(input), answered.(output)
			if out.isUnknown() {
				if in.Kind == appendAtEnd && in.Number != s.Next {
					return []any{s}
				}
				return []any{s, state{s.First, s.Next + 1, in.Value}}
			}
			if out.Code == 412 { // the end that it tells counts what is under way
				out.Next = s.Next
			}
			if possible, after := step(s, in, out); possible {
				return []any{after}
			}
			return nil
		},
	}).ToModel()
}
