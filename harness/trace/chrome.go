package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrFormat means that a file is not a trace of operations.
var ErrFormat = errors.New("not a trace")

// event is an event of Chrome's trace format, as TensorFlow's own timeline writes
// operations: its name is the operation's type.
type event struct {
	Name     string  `json:"name"`
	Category string  `json:"cat,omitempty"`
	Phase    string  `json:"ph"`
	PID      int     `json:"pid"` // the device
	TID      int     `json:"tid"` // the lane
	Start    float64 `json:"ts"`  // microseconds
	Duration float64 `json:"dur"` // microseconds
	Args     args    `json:"args"`
}

type args struct {
	Op    string `json:"op,omitempty"`
	Name  string `json:"name,omitempty"`
	Bytes int64  `json:"output_bytes,omitempty"`
}

// Phases that Write writes and Read reads.
const (
	complete = "X"
	metadata = "M"
)

// Write writes a trace that ui.perfetto.dev and chrome://tracing open, with a process
// per device and a thread per lane. It sorts t.Spans.
func Write(w io.Writer, t *Trace) error {
	about, err := json.Marshal(t.About)
	if err != nil {
		return fmt.Errorf("writing a trace: %w", err)
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\"displayTimeUnit\":\"ms\",\"otherData\":%s,\"traceEvents\":[\n", about)
	for i, e := range events(t.Spans) {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("writing a trace: %w", err)
		}
		if i > 0 {
			out.WriteString(",\n")
		}
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	if err := out.Flush(); err != nil { // the first error of all writes
		return fmt.Errorf("writing a trace: %w", err)
	}
	return nil
}

func events(spans []Span) []event {
	Sort(spans)
	lanes := Lanes(spans)
	var out []event
	pid, named := 0, 0
	for i, s := range spans {
		if i == 0 || spans[i-1].Device != s.Device {
			pid, named = pid+1, 0
			out = append(out, event{Name: "process_name", Phase: metadata, PID: pid, Args: args{Name: s.Device}})
		}
		for ; named <= lanes[i]; named++ {
			out = append(out, event{Name: "thread_name", Phase: metadata, PID: pid, TID: named, Args: args{Name: fmt.Sprintf("lane %d", named+1)}})
		}
		out = append(out, event{
			Name: s.Op, Category: "Op", Phase: complete, PID: pid, TID: lanes[i],
			Start: float64(s.Start) / 1e3, Duration: float64(s.Duration) / 1e3,
			Args: args{Op: s.Op, Name: s.Node, Bytes: s.Bytes},
		})
	}
	return out
}

// Read reads a trace as Write writes it, with sorted spans. It ignores other events.
// The error is ErrFormat, or that of r.
func Read(r io.Reader) (*Trace, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrFormat)
	}
	if !json.Valid(text) {
		return nil, fmt.Errorf("%w: it is not JSON", ErrFormat)
	}
	var file struct {
		About  map[string]any    `json:"otherData"`
		Events []json.RawMessage `json:"traceEvents"`
	}
	if err := json.Unmarshal(text, &file); err != nil || file.Events == nil {
		return nil, fmt.Errorf("%w: it has no list of traceEvents", ErrFormat)
	}
	list, err := parse(file.Events)
	if err != nil {
		return nil, err
	}
	t := &Trace{About: map[string]string{}}
	for key, value := range file.About {
		if s, ok := value.(string); ok {
			t.About[key] = s
		}
	}
	if t.Spans, err = spans(list); err != nil {
		return nil, err
	}
	return t, nil
}

// parse reads the events of operations and the names of devices.
func parse(list []json.RawMessage) ([]event, error) {
	var out []event
	for i, text := range list {
		var kind struct {
			Phase string `json:"ph"`
			Name  string `json:"name"`
		}
		if err := json.Unmarshal(text, &kind); err != nil {
			return nil, fmt.Errorf("%w: event %d is malformed", ErrFormat, i)
		}
		if kind.Phase != complete && !(kind.Phase == metadata && kind.Name == "process_name") {
			continue
		}
		var e event
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, fmt.Errorf("%w: event %d is not an operation", ErrFormat, i)
		}
		out = append(out, e)
	}
	return out, nil
}

// Limits of times, in microseconds. The start, in nanoseconds, must fit into an int64:
// traces of other programs count from 1970. The duration is that of a step.
const (
	latestStart = 4e15
	longest     = 1e12
)

func spans(list []event) ([]Span, error) {
	devices := map[int]string{}
	for _, e := range list {
		if e.Phase == metadata {
			devices[e.PID] = e.Args.Name
		}
	}
	var out []Span
	for _, e := range list {
		if e.Phase != complete {
			continue
		}
		if e.Start < 0 || e.Duration < 0 || e.Start > latestStart || e.Duration > longest || e.Args.Bytes < 0 {
			return nil, fmt.Errorf("%w: %s starts at %g µs and takes %g µs", ErrFormat, e.Name, e.Start, e.Duration)
		}
		device := devices[e.PID]
		if device == "" {
			device = fmt.Sprintf("process %d", e.PID)
		}
		op := e.Args.Op
		if op == "" {
			op = e.Name
		}
		out = append(out, Span{
			Device: device, Op: op, Node: e.Args.Name, Bytes: e.Args.Bytes,
			Start: nanos(e.Start), Duration: nanos(e.Duration),
		})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: it holds no operations", ErrFormat)
	}
	Sort(out)
	return out, nil
}

// nanos converts microseconds without the rounding of a large product.
func nanos(micros float64) int64 {
	whole, part := math.Modf(micros)
	return int64(whole)*1e3 + int64(math.Round(part*1e3))
}
