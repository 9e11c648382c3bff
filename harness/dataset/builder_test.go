package dataset

import (
	"context"
	"errors"
	"testing"

	"epochtime/harness/graph"
)

// parts hands over two chunks of columns a and b; a is refused in the second.
func parts(add func([]*Part) error) error {
	one := func(v float32) *Part { return &Part{Examples: 1, Data: graph.Bytes([]float32{v})} }
	if err := add([]*Part{one(1), one(2)}); err != nil {
		return err
	}
	return add([]*Part{{Refused: Errorf(ErrUnfit, nil, "column a has no value in row 1")}, one(3)})
}

// Of a column that cannot be read, a survey keeps the reason and goes on; a run ends.
func TestSurvey(t *testing.T) {
	sinks := func() []*Sink {
		return []*Sink{NewSink(graph.Tensor{Name: "a", DType: graph.Float32}), NewSink(graph.Tensor{Name: "b", DType: graph.Float32})}
	}
	_, err := NewBuilder(t.Context(), "t", 0).Columns(sinks(), parts)
	wantError(t, err, ErrUnfit, "column a has no value in row 1")

	b := NewSurvey(t.Context(), "t", 0)
	columns, err := b.Columns(sinks(), parts)
	if err != nil {
		t.Fatal(err)
	}
	if columns[0].Examples() != 0 || columns[1].Examples() != 2 {
		t.Errorf("%d and %d examples, want 0 of the refused and 2 of the other", columns[0].Examples(), columns[1].Examples())
	}
	wantError(t, b.Refused("a"), ErrUnfit, "has no value in row 1")
	if err := b.Refused("b"); err != nil {
		t.Error(err)
	}

	_, err = b.Column(sinks()[1], func(add func(*Part) error) error {
		return add(&Part{Refused: Errorf(ErrUnfit, nil, "column b is odd")})
	})
	wantError(t, err, ErrUnfit, "column b is odd")
	if err := b.Refused("b"); err != nil {
		t.Errorf("the survey notes %v of a column that was an error", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewSurvey(ctx, "t", 0).Refuse("a", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("a survey goes on with %v once its context is done", err)
	}
}

// Columns that are only described need not have as many examples as the others.
func TestSurveyOfLengths(t *testing.T) {
	add := func(b *Builder) error {
		return errors.Join(b.Add("x", Of("", nil, []float32{1, 2, 3})), b.Add("y", Of("", nil, []float32{1})))
	}
	wantError(t, add(NewBuilder(t.Context(), "t", 0)), ErrUnfit, "holds 1 examples of y but 3 of x")
	if err := add(NewSurvey(t.Context(), "t", 0)); err != nil {
		t.Error(err)
	}
}
