package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// flushEvery keeps a worker that runs short epochs from writing at each one.
const flushEvery = 100 * time.Millisecond

// Writer writes a worker's events. Epochs are held back and written together,
// at most some ten times a second, so that writing stays out of what is timed.
type Writer struct {
	w    io.Writer
	now  func() time.Time
	buf  bytes.Buffer
	last time.Time
}

// NewWriter writes events to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, now: time.Now} }

// Send writes an event, and all that is held back, at once.
func (w *Writer) Send(e Event) error {
	if err := w.add(e); err != nil {
		return err
	}
	return w.Flush()
}

// Hold writes an event now or, if something was written a moment ago, later.
func (w *Writer) Hold(e Event) error {
	if err := w.add(e); err != nil {
		return err
	}
	if w.now().Sub(w.last) < flushEvery {
		return nil
	}
	return w.Flush()
}

// Flush writes what is held back.
func (w *Writer) Flush() error {
	if w.buf.Len() == 0 {
		return nil
	}
	w.last = w.now()
	_, err := w.w.Write(w.buf.Bytes())
	w.buf.Reset()
	if err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	return nil
}

func (w *Writer) add(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	line = append(line, '\n')
	if len(line) > MaxLine {
		return fmt.Errorf("writing an event: %s takes %d bytes, %d are allowed", e.Event, len(line), MaxLine)
	}
	w.buf.Write(line)
	return nil
}
