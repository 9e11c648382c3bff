package slowed

import (
	"encoding/json"
	"fmt"
	"io"
)

// Recording holds the launches of sessions with a worker that was slowed.
type Recording struct {
	Command  string    `json:"command"`
	Started  string    `json:"started"`
	About    string    `json:"about,omitempty"` // the machine, and what else it did
	Sessions []Session `json:"sessions"`
}

// Session is one interleaved session of a worker, the base, and the same worker
// slowed.
type Session struct {
	Graph  string    `json:"graph"`
	Longer float64   `json:"longer"` // share by which an epoch of the slowed one takes longer
	Base   []float64 `json:"base"`   // seconds: launch medians by block
	New    []float64 `json:"new"`
}

// Read reads a recording. Each session has as many launches of both sides, and
// at least one.
func Read(r io.Reader) (Recording, error) {
	var out Recording
	if err := json.NewDecoder(r).Decode(&out); err != nil {
		return Recording{}, fmt.Errorf("reading a recording of slowed workers: %w", err)
	}
	for i, s := range out.Sessions {
		if len(s.Base) == 0 || len(s.Base) != len(s.New) {
			return Recording{}, fmt.Errorf("reading a recording of slowed workers: session %d (%s) has %d and %d launches: as many of both sides are needed", i, s.Graph, len(s.Base), len(s.New))
		}
	}
	return out, nil
}

// Write writes the recording as JSON, with a session to a line.
func (r Recording) Write(w io.Writer) error {
	sessions := r.Sessions
	r.Sessions = nil
	head, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	text := string(head[:len(head)-len("null\n}")]) + "["
	for i, s := range sessions {
		line, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if i > 0 {
			text += ","
		}
		text += "\n  " + string(line)
	}
	_, err = io.WriteString(w, text+"\n ]\n}\n")
	return err
}
