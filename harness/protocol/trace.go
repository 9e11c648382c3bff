package protocol

import (
	"encoding/json"
	"fmt"

	"epochtime/harness/trace"
)

// TracePart is a piece of a traced step, because a line is limited and a step
// may run many operations.
type TracePart struct {
	Part  int          `json:"part"` // counted from 0
	Parts int          `json:"parts"`
	Spans []trace.Span `json:"spans"`
}

// partBytes is about how long the line of a part becomes, in bytes. One span
// more than that must fit into MaxLine.
const partBytes = MaxLine / 4

// SplitTrace cuts a step into parts that can be sent one after the other.
func SplitTrace(spans []trace.Span) ([]Event, error) {
	var parts []*TracePart
	room := 0
	for _, s := range spans {
		line, err := json.Marshal(s)
		if err != nil {
			return nil, fmt.Errorf("writing a trace: %w", err)
		}
		if room -= len(line) + 1; room < 0 {
			parts = append(parts, &TracePart{Part: len(parts)})
			room = partBytes - len(line)
		}
		last := parts[len(parts)-1]
		last.Spans = append(last.Spans, s)
	}
	var out []Event
	for _, p := range parts {
		p.Parts = len(parts)
		out = append(out, Event{Event: EventTrace, Trace: p})
	}
	return out, nil
}
