package measure

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// Trace returns the trace of one step of the session's first configuration, which it
// runs in a launch of its own. Call it after Measure. The error is ErrNoResult if
// nothing was measured, ctx's, or that of the launch.
func (s *Session) Trace(ctx context.Context) (*trace.Trace, error) {
	if !s.Measured() {
		return nil, kindError{errors.New("no launch worked"), ErrNoResult}
	}
	ctx = cmp.Or(ctx, context.Background())
	defer s.o.Watcher.Idle()
	g, c := s.configs[0].Graph, s.rec.Runs[0].Config
	s.o.Watcher.Tracing(g.Name)
	out, err := s.configs[0].worker.Run(ctx, protocol.Job{Kind: protocol.Trace, Graph: absolute(g.Dir), SHA256: g.SHA256, Config: c}, nil)
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.Launch.Status != record.OK || len(out.Trace) == 0:
		return nil, out.Err()
	}
	return &trace.Trace{Spans: out.Trace, About: map[string]string{
		"graph": g.Name, "batch": strconv.Itoa(out.Launch.Resolved.Batch), "device": out.Launch.Resolved.Device,
		"tensorflow": out.Launch.TensorFlow, "epochtime": record.Program,
	}}, nil
}
