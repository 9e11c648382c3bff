package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// flushEvery limits how often a worker that runs short epochs writes.
const flushEvery = 100 * time.Millisecond

// Writer writes a worker's events. It holds epochs back and writes them together,
// at most about ten times per second, which keeps writing out of most epochs' time. It is
// for concurrent use.
type Writer struct {
	mu   sync.Mutex
	w    io.Writer
	now  func() time.Time
	buf  bytes.Buffer
	last time.Time
}

// NewWriter returns a Writer of events to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, now: time.Now} }

// Send writes the events that are held back, and e.
func (w *Writer) Send(e Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.add(e); err != nil {
		return err
	}
	return w.flush()
}

// Hold writes e, or holds it back if the last write is recent.
func (w *Writer) Hold(e Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.add(e); err != nil {
		return err
	}
	if w.now().Sub(w.last) < flushEvery {
		return nil
	}
	return w.flush()
}

// Flush writes the events that are held back.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *Writer) flush() error {
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
		return fmt.Errorf("writing an event: %s has %d bytes, and %d are allowed", e.Event, len(line), MaxLine)
	}
	w.buf.Write(line)
	return nil
}
