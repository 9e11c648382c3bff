package launch

import (
	"fmt"

	"epochtime/harness/protocol"
	"epochtime/harness/trace"
)

// traced puts the parts of a trace together.
type traced struct {
	spans []trace.Span
	came  int // parts so far
	parts int // that make the whole; 0 before the first
}

// add takes the next part. One that is missing is an error.
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

// whole returns all of the trace, or an error where a part of it is missing.
func (t *traced) whole() ([]trace.Span, error) {
	if t.came < t.parts {
		return nil, fmt.Errorf("the worker sent %d of the %d parts of its trace", t.came, t.parts)
	}
	return t.spans, nil
}
