package protocol

import (
	"encoding/json"
	"fmt"

	"epochtime/harness/trace"
)

// TracePart is a part of a traced step. A step may run more operations than fit into
// one line.
type TracePart struct {
	Part  int          `json:"part"` // counted from 0
	Parts int          `json:"parts"`
	Spans []trace.Span `json:"spans"`
}

// partBytes is about the longest line of a part, in bytes. A part may exceed it by
// one span, and must then fit into MaxLine.
const partBytes = MaxLine / 4

// SplitTrace returns a step's spans as events that can be sent one after the other.
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
