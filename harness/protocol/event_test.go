package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"epochtime/harness/record"
	"epochtime/harness/trace"
)

func events() []Event {
	return []Event{
		{Event: EventHello, Hello: &Hello{Protocol: Version, Epochtime: "0.1.0", TensorFlow: "2.21.0", Machine: record.Machine{Cores: 8}}},
		{Event: EventLoaded, Loaded: &Loaded{Seconds: 0.5, Resolved: record.Resolved{Batch: 32}, Devices: []record.Device{{Name: "cpu"}}}},
		{Event: EventFirstStep, FirstStep: &FirstStep{Seconds: 0.25, Compile: 0.75}},
		{Event: EventFirstStep, FirstStep: &FirstStep{Seconds: 1, Compile: 1, Upload: 0.5}},
		{Event: EventEpoch, Epoch: &record.Epoch{Index: 1, Warmup: true, Seconds: 1, Loss: 0.5}},
		{Event: EventMemory, Memory: &Usage{Memory: record.Memory{PeakRSS: 1}, Disturbance: record.Disturbance{Steal: 0.5}}},
		{Event: EventParity, Parity: &Losses{Got: []record.Number{1.5}, Want: []record.Number{1.25}}},
		{Event: EventDoctor, Doctor: &Health{MatMulSize: 512, MatMulSeconds: 0.5, MatMulError: 1e-7}},
		{Event: EventTrace, Trace: &TracePart{Part: 1, Parts: 3, Spans: []trace.Span{{Device: "CPU:0", Op: "MatMul", Node: "a/b", Start: 5, Duration: 7, Bytes: 16}}}},
		{Event: EventError, Error: &Failure{Code: CodeOOM, Message: "no memory left\nat all", Hint: "lower --batch"}},
		{Event: EventWeights, Weights: &Saved{Path: "cnn.weights.h5", Bytes: 4096}},
		{Event: EventExamples, Examples: &Saved{Path: "examples.npz", Bytes: 4096}},
		{Event: EventStages, Stages: &Pipeline{Stages: []record.Stage{{Name: "map", File: "train.py", Line: 38, Seconds: 0.5}}}},
		{Event: EventProbe, Probe: &Limits{Resolved: record.Resolved{Device: "cpu", IntraOp: 2}, Rates: []record.Rate{{Name: "memory", Unit: record.BytePerSecond, Value: record.Interval{Median: 6e10}}}}},
		{Event: EventDone},
	}
}

func TestEventsRoundTrip(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, e := range events() {
		if err := w.Send(e); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(out.String(), "\n"); got != len(events()) {
		t.Errorf("%d events took %d lines", len(events()), got)
	}
	r := NewReader(iotest.HalfReader(&out))
	for _, want := range events() {
		if got, err := r.Next(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Next = %+v, %v; want %+v", got, err, want)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last event: %v, want io.EOF", err)
	}
}

// TestEventKeys checks that an event's payload stands under the event's name.
func TestEventKeys(t *testing.T) {
	for _, e := range events() {
		var out bytes.Buffer
		if err := NewWriter(&out).Send(e); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"event":%q,%q:{`, e.Event, e.Event)
		if e.Event == EventDone {
			want = `{"event":"done"}` + "\n"
		}
		if !strings.HasPrefix(out.String(), want) {
			t.Errorf("the event is %s, want it to start with %s", out.String(), want)
		}
	}
}

func TestParityLossesThatAreNotFinite(t *testing.T) {
	var out bytes.Buffer
	losses := []record.Number{record.Number(math.NaN()), record.Number(math.Inf(1)), 2}
	if err := NewWriter(&out).Send(Event{Event: EventParity, Parity: &Losses{Got: losses}}); err != nil {
		t.Fatal(err)
	}
	e, err := NewReader(&out).Next()
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range e.Parity.Got {
		if finite := i == 2; finite && got != 2 || !finite && !math.IsNaN(float64(got)) {
			t.Errorf("loss %d came as %v", i, got)
		}
	}
}

func TestReaderIgnoresWhatItDoesNotKnow(t *testing.T) {
	r := NewReader(strings.NewReader(`{"event":"later","later":{"a":1}}` + "\n" + `{"event":"done","more":[]}` + "\n"))
	for _, want := range []string{"later", EventDone} {
		if e, err := r.Next(); err != nil || e.Event != want {
			t.Errorf("Next = %+v, %v; want %s", e, err, want)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"\n":                       `not an event: ""`,
		"Segmentation fault\n":     `not an event: "Segmentation fault"`,
		"{}\n":                     "not an event",
		"null\n":                   "not an event",
		"{\"event\":5}\n":          "not an event",
		"{\"event\":\"done\"} x\n": "not an event",
		"{\"event\":\"done\"}":     "unexpected EOF",
		"\x00\xff" + strings.Repeat("long", 100) + "\n": "not an event",
	} {
		_, err := NewReader(strings.NewReader(text)).Next()
		if err == nil {
			t.Errorf("Next of %q: no error", text)
			continue
		}
		wantError(t, err, says)
		if len(err.Error()) > 500 {
			t.Errorf("the error takes %d bytes", len(err.Error()))
		}
	}
}

func TestReaderBrokenPipe(t *testing.T) {
	r := NewReader(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("{\"event\":\"done\"}\n"))))
	if _, err := r.Next(); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("the error is %v, want the pipe's own", err)
	}
}

// eventOfLength is an event whose line, with its newline, is n bytes long.
func eventOfLength(n int) Event {
	const empty = len(`{"event":"error","error":{"code":"oom","message":""}}` + "\n")
	return Event{Event: EventError, Error: &Failure{Code: CodeOOM, Message: strings.Repeat("m", n-empty)}}
}

func TestEventLimit(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	err := w.Send(eventOfLength(MaxLine + 1))
	wantError(t, err, "error has 1048577 bytes, and 1048576 are allowed")
	if out.Len() > 0 {
		t.Errorf("%d bytes were written of an event that is too long", out.Len())
	}
	if err := w.Send(eventOfLength(MaxLine)); err != nil {
		t.Fatal(err)
	}
	if out.Len() != MaxLine {
		t.Fatalf("the line has %d bytes, want %d", out.Len(), MaxLine)
	}
	line := out.String()
	if e, err := NewReader(&out).Next(); err != nil || e.Error.Code != CodeOOM {
		t.Errorf("a line of %d bytes: %v", MaxLine, err)
	}
	_, err = NewReader(strings.NewReader(" " + line)).Next()
	wantError(t, err, "longer than 1048576 bytes")
}

func TestFail(t *testing.T) {
	cause := errors.New("no file")
	err := Fail(CodeData, fmt.Errorf("reading: %w", cause), "give --data")
	if got := err.Error(); got != "reading: no file: give --data" {
		t.Errorf("the error is %q", got)
	}
	var f *Failure
	if !errors.As(Fail(CodeInternal, fmt.Errorf("again: %w", err), ""), &f) || f.Code != CodeData || f.Hint != "give --data" {
		t.Errorf("a failure that fails again is %+v, want the first code and hint", f)
	}
	if got := Fail(CodeStep, cause, "").Error(); got != "no file" {
		t.Errorf("without a hint the error is %q", got)
	}
}

func TestSetup(t *testing.T) {
	want := map[Code]bool{
		CodeJob: true, CodeEnv: true, CodeGraph: true, CodeData: true, CodeDevice: true,
		CodeOOM: false, CodeNonfinite: false, CodeInterrupted: false, CodeStep: false, CodeInternal: false, "later": false,
	}
	for code, setup := range want {
		if code.Setup() != setup {
			t.Errorf("Setup of %q = %v", code, !setup)
		}
	}
}

func FuzzReader(f *testing.F) {
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, e := range events() {
		if err := w.Send(e); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(out.Bytes())
	f.Add([]byte("{\"event\":\"later\"}\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewReader(bytes.NewReader(text))
		lines := bytes.Count(text, []byte("\n"))
		for n := 0; ; n++ {
			e, err := r.Next()
			if err == io.EOF && n < lines {
				t.Fatalf("the events end after %d of %d lines", n, lines)
			}
			if err != nil {
				return
			}
			if n >= lines || e.Event == "" {
				t.Fatalf("event %d of %d lines: %+v", n, lines, e)
			}
			if err := NewWriter(io.Discard).Send(e); err != nil && len(text) < MaxLine/8 {
				t.Fatalf("an event that was read cannot be written: %v", err)
			}
		}
	})
}
