package measure

import (
	"context"
	"fmt"

	"epochtime/harness/explain"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// mostOperations is how many types of operations a record keeps of a traced step.
const mostOperations = 20

// lookInside finds, in launches that are not timed, what takes the time inside the steps
// of each graph, and inside the pipelines of their scripts. What cannot be found is a
// warning: the bill is there without it.
func (s *Session) lookInside(ctx context.Context) error {
	for i := range s.rec.Runs {
		run := &s.rec.Runs[i]
		if run.Summary == nil || run.Inside != nil {
			continue
		}
		inside, err := s.inside(ctx, i)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			s.o.Watcher.Notice(Warning, fmt.Sprintf("%s: what takes the time inside it is not known: %v", s.Title(i), err))
		}
		run.Inside = inside
	}
	return s.save()
}

// inside looks into the steps of a run of the graph, and into the pipeline of fit as it
// is; nil for any other run.
func (s *Session) inside(ctx context.Context, run int) (*record.Inside, error) {
	c := s.rec.Runs[run].Config
	if c.OfGraph() {
		found, err := s.trace(ctx, run)
		if err != nil {
			return nil, err
		}
		return operations(found.Spans), nil
	}
	g, r := s.configs[run].Graph, &s.rec.Runs[run]
	if explain.WholeOf(s.rec, r) != r || !pipelined(g, c) || !ownData(g) {
		return nil, nil
	}
	out, err := s.extra(ctx, run, protocol.Stages)
	if err != nil {
		return nil, err
	}
	return &record.Inside{Stages: out.Stages}, nil
}

// operations sums a traced step by type of operation, on the busiest device.
func operations(spans []trace.Span) *record.Inside {
	devices := trace.Summarize(spans)
	if len(devices) == 0 {
		return nil
	}
	d := devices[0]
	out := &record.Inside{}
	for _, o := range d.Ops[:min(mostOperations, len(d.Ops))] {
		out.Operations = append(out.Operations, record.Operation{Op: o.Op, Count: o.Count, Seconds: o.Seconds, Share: o.Share})
	}
	if d.Wall > 0 {
		out.Idle = d.Idle / d.Wall
	}
	return out
}
