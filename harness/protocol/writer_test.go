package protocol

import (
	"bytes"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"epochtime/harness/record"
)

// calls counts writes and keeps their text.
type calls struct {
	bytes.Buffer
	n int
}

func (c *calls) Write(p []byte) (int, error) {
	c.n++
	return c.Buffer.Write(p)
}

func epochEvent(i int) Event { return Event{Event: EventEpoch, Epoch: &record.Epoch{Index: i}} }

func TestHold(t *testing.T) {
	now := time.Unix(1000, 0)
	out := &calls{}
	w := NewWriter(out)
	w.now = func() time.Time { return now }
	for i, step := range []struct {
		after  time.Duration // since the step before
		send   func(Event) error
		writes int // until now
		lines  int
	}{
		{0, w.Hold, 1, 1},                                  // nothing was written before
		{0, w.Hold, 1, 1},                                  // held back
		{flushEvery - 1, w.Hold, 1, 1},                     // still
		{1, w.Hold, 2, 4},                                  // all three together
		{flushEvery / 2, w.Hold, 2, 4},                     //
		{0, w.Send, 3, 6},                                  // Send takes along what is held
		{flushEvery - 1, w.Hold, 3, 6},                     // a moment after Send
		{time.Hour, w.Hold, 4, 8},                          //
		{time.Hour, w.Hold, 5, 9},                          // long epochs: each at once
		{0, w.Hold, 5, 9},                                  //
		{0, func(Event) error { return w.Flush() }, 6, 10}, //
		{0, func(Event) error { return w.Flush() }, 6, 10}, // nothing is held
	} {
		now = now.Add(step.after)
		if err := step.send(epochEvent(i)); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(out.String(), "\n"); out.n != step.writes || lines != step.lines {
			t.Errorf("after step %d: %d lines in %d writes, want %d in %d", i, lines, out.n, step.lines, step.writes)
		}
	}
	r := NewReader(&out.Buffer)
	for i := range 10 {
		if e, err := r.Next(); err != nil || e.Epoch.Index != i {
			t.Errorf("event %d is %+v, %v: the order is not kept", i, e, err)
		}
	}
}

func TestHoldAtMostTenWritesASecond(t *testing.T) {
	now := time.Unix(1000, 0)
	out := &calls{}
	w := NewWriter(out)
	w.now = func() time.Time { return now }
	for i := range 10_000 { // ten seconds of epochs of a millisecond
		now = now.Add(time.Millisecond)
		if err := w.Hold(epochEvent(i)); err != nil {
			t.Fatal(err)
		}
	}
	if out.n != 100 {
		t.Errorf("%d writes in ten seconds, want 100", out.n)
	}
}

func TestWriterBrokenPipe(t *testing.T) {
	w := NewWriter(brokenPipe{})
	if err := w.Hold(epochEvent(0)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Hold: %v, want os.ErrClosed", err)
	}
	if err := w.Send(Event{Event: EventDone}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Send: %v, want os.ErrClosed", err)
	}
}

func TestWriterRefusesWhatIsNoJSON(t *testing.T) {
	w := NewWriter(&calls{})
	bad := Event{Event: EventEpoch, Epoch: &record.Epoch{Seconds: math.NaN()}}
	for name, send := range map[string]func(Event) error{"Send": w.Send, "Hold": w.Hold} {
		if err := send(bad); err == nil {
			t.Errorf("%s: no error for a duration that is NaN", name)
		}
	}
}
