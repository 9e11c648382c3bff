package launch

import (
	"fmt"

	"epochtime/harness/protocol"
	"epochtime/harness/trace"
)

// traced joins the parts of a trace.
type traced struct {
	spans []trace.Span
	came  int // parts received
	parts int // of the whole trace; 0 before the first
}

// add appends the next part. It is an error if a part is missing.
func (t *traced) add(p *protocol.TracePart) error {
	switch {
	case p.Part != t.came || p.Part < 0 || p.Part >= p.Parts:
		return fmt.Errorf("part %d of %d of the trace came after %d parts", p.Part+1, p.Parts, t.came)
	case t.parts != 0 && t.parts != p.Parts:
		return fmt.Errorf("the trace has %d parts, and then %d", t.parts, p.Parts)
	}
	t.spans = append(t.spans, p.Spans...)
	t.came, t.parts = t.came+1, p.Parts
	return nil
}

// whole returns the trace, or an error if a part is missing.
func (t *traced) whole() ([]trace.Span, error) {
	if t.came < t.parts {
		return nil, fmt.Errorf("the worker sent %d of the %d parts of its trace", t.came, t.parts)
	}
	return t.spans, nil
}
