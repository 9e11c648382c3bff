package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// Trace returns the trace of one step of the session's first configuration of the graph,
// which it runs in a launch of its own. Call it after Measure. The error is ErrNoResult
// if nothing was measured, the cause of ctx's end, that Options.MaxTime is over, or that
// of the launch.
func (s *Session) Trace(ctx context.Context) (*trace.Trace, error) {
	if !s.Measured() {
		return nil, kindError{errors.New("no launch worked"), ErrNoResult}
	}
	first := slices.IndexFunc(s.rec.Runs, func(r record.Run) bool { return r.Config.OfGraph() })
	if first < 0 {
		return nil, kindError{fmt.Errorf("a step of the graph is traced, and the runtime is %s", s.rec.Runs[0].Config.Runtime), ErrNoResult}
	}
	ctx, stop := s.bounded(cmp.Or(ctx, context.Background()))
	defer stop()
	return s.trace(ctx, first)
}

// TraceOf is Trace of one run of the record, by its index. The error is ErrNoResult too
// where that run has no result, or is not of the graph.
func (s *Session) TraceOf(ctx context.Context, run int) (*trace.Trace, error) {
	if err := s.CheckResults(run); err != nil {
		return nil, err
	}
	if c := s.rec.Runs[run].Config; !c.OfGraph() {
		return nil, kindError{fmt.Errorf("a step of the graph is traced, and the runtime is %s", c.Runtime), ErrNoResult}
	}
	ctx, stop := s.bounded(cmp.Or(ctx, context.Background()))
	defer stop()
	return s.trace(ctx, run)
}

// trace returns the trace of one step of a run of the graph.
func (s *Session) trace(ctx context.Context, run int) (*trace.Trace, error) {
	out, err := s.extra(ctx, run, protocol.Trace)
	if err != nil {
		return nil, err
	}
	if len(out.Trace) == 0 {
		return nil, out.Err()
	}
	s.keepPeaks(run, out.Launch.Memory.Devices)
	return &trace.Trace{Spans: out.Trace, About: map[string]string{
		"graph": s.configs[run].Graph.Name, "batch": strconv.Itoa(out.Launch.Resolved.Batch), "device": out.Launch.Resolved.Device,
		"tensorflow": out.Launch.TensorFlow, "epochtime": record.Program,
	}}, nil
}

// extra runs a launch of a run that is not timed.
func (s *Session) extra(ctx context.Context, run int, kind protocol.Kind) (*launch.Outcome, error) {
	if err := s.inTime(ctx); err != nil {
		return nil, err
	}
	defer s.o.Watcher.Idle()
	defer s.spent.run(&s.rec.Spent.Extra)()
	g, c := s.configs[run].Graph, s.rec.Runs[run].Config
	s.o.Watcher.Tracing(g.Name)
	return once(ctx, s.configs[run].worker, protocol.Job{Kind: kind, Graph: absolute(g.Dir), SHA256: g.SHA256, Config: c})
}

// once runs a launch that is not timed. The errors are the cause of ctx's end, and those
// of the launch.
func once(ctx context.Context, w Launcher, job protocol.Job) (*launch.Outcome, error) {
	within, stop, _ := limited(ctx, job.Config, 0)
	defer stop()
	out, err := w.Run(within, job, nil)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case out.Launch.Status != record.OK:
		return nil, out.Err()
	}
	return out, nil
}
