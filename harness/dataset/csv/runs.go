package csv

import (
	"slices"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// sink is a column that is decoded, with the places of its fields.
type sink struct {
	*dataset.Sink
	at      []int
	numeric bool // it takes numbers, not strings

	decimals dataset.DecimalSetter // stores plain numbers, several at a time
	set      dataset.TextSetter    // stores any number
}

func newSink(s *dataset.Sink) *sink {
	if s.DType() == graph.String {
		return &sink{Sink: s}
	}
	return &sink{Sink: s, numeric: true, decimals: s.Decimals(), set: s.Texts()}
}

// part returns an empty part with room for that many examples of numbers. Its memory
// may have been that of another.
func (s *sink) part(examples int) *dataset.Part {
	p := dataset.NewPart()
	if n := examples * s.bytes(); s.numeric && cap(p.Data) < n {
		p.Data = graph.Allocate(n)
	} else if s.numeric {
		p.Data = p.Data[:n]
	}
	return p
}

// bytes is the size of an example of numbers.
func (s *sink) bytes() int { return len(s.at) * s.DType().Size() }

// run is some columns of a file side by side, which feed elements of one sink side
// by side.
type run struct {
	first, n int   // columns
	sink     int   // -1: they feed nothing
	at       int   // element of an example that the first one feeds
	also     []run // what else a column feeds
	numbers  bool  // they feed only numbers of that sink
}

// plan says what each column of a file feeds.
func plan(columns int, sinks []*sink) []run {
	fed := make([]run, columns)
	for i := range fed {
		fed[i] = run{first: i, n: 1, sink: -1}
	}
	for k, s := range sinks {
		for at, column := range s.at {
			one := run{first: column, n: 1, sink: k, at: at, numbers: s.numeric}
			if fed[column].sink < 0 {
				fed[column] = one
			} else {
				fed[column].also = append(fed[column].also, one)
				fed[column].numbers = false
			}
		}
	}
	var out []run
	for _, r := range fed {
		if len(out) > 0 && out[len(out)-1].joins(r) {
			out[len(out)-1].n++
			continue
		}
		out = append(out, r)
	}
	return slices.Clip(out)
}

// joins reports whether a column continues a run.
func (r run) joins(next run) bool {
	return r.also == nil && next.also == nil && r.sink == next.sink && (r.sink < 0 || next.at == r.at+r.n)
}
