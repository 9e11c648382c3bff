package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// example is a step on two devices, in which operations overlap.
func example() *Trace {
	return &Trace{
		About: map[string]string{"graph": "cnn", "batch": "1000"},
		Spans: []Span{
			{Device: "CPU:0", Op: "NoOp", Node: "_SOURCE", Start: 0, Duration: 0},
			{Device: "CPU:0", Op: "Conv2D", Node: "cnn/conv", Start: 1_001, Duration: 5_000_000, Bytes: 1 << 20},
			{Device: "CPU:0", Op: "MatMul", Node: "dense/\"a\" <b>", Start: 2_000_000, Duration: 1_500_003},
			{Device: "CPU:0", Op: "Conv2D", Node: "cnn/conv_2", Start: 5_001_001, Duration: 999},
			{Device: "GPU:0/stream:all", Op: "Conv2D", Node: "cnn/conv", Start: 0, Duration: 7},
		},
	}
}

func write(t testing.TB, tr *Trace) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, tr); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRoundTrip(t *testing.T) {
	long := &Trace{About: map[string]string{}, Spans: []Span{{Device: "CPU:0", Op: "A", Start: 3_600_000_000_007, Duration: 86_400_000_000_013}}}
	for _, want := range []*Trace{example(), long} {
		text := write(t, want)
		got, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	}
}

// What Perfetto and chrome://tracing need: complete events in microseconds, a
// process for each device, and threads in which nothing overlaps.
func TestChromeFormat(t *testing.T) {
	var file struct {
		TraceEvents []struct {
			Name, Ph string
			PID, TID *int
			TS, Dur  *float64
			Args     map[string]any
		}
	}
	text := write(t, example())
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	type lane struct{ pid, tid int }
	ends, names, threads := map[lane]float64{}, map[int]any{}, map[lane]any{}
	for _, e := range file.TraceEvents {
		at := lane{*e.PID, *e.TID}
		switch e.Name {
		case "process_name":
			names[*e.PID] = e.Args["name"]
			continue
		case "thread_name":
			threads[at] = e.Args["name"]
			continue
		}
		if e.Ph != "X" || e.Args["op"] != e.Name || threads[at] == nil {
			t.Errorf("event %+v on thread %v", e, threads[at])
		}
		if *e.TS < ends[at] {
			t.Errorf("%s starts at %v µs, before the one before it ends at %v", e.Name, *e.TS, ends[at])
		}
		ends[at] = *e.TS + *e.Dur
	}
	if diff := cmp.Diff(map[int]any{1: "CPU:0", 2: "GPU:0/stream:all"}, names); diff != "" {
		t.Errorf("processes (-want +got):\n%s", diff)
	}
	want := map[lane]any{{1, 0}: "lane 1", {1, 1}: "lane 2", {2, 0}: "lane 1"}
	if diff := cmp.Diff(want, threads, cmp.AllowUnexported(lane{})); diff != "" {
		t.Errorf("threads (-want +got):\n%s", diff)
	}
	if conv := file.TraceEvents[3]; *conv.TS != 1.001 || *conv.Dur != 5000 || conv.Args["name"] != "cnn/conv" || conv.Args["output_bytes"] != float64(1<<20) {
		t.Errorf("an operation is %+v", conv)
	}
}

// A trace by TensorFlow's own timeline, and one with events of other kinds.
func TestReadsOtherTraces(t *testing.T) {
	for text, want := range map[string]Span{
		`{"traceEvents":[{"args":{"name":"/cpu compute"},"name":"process_name","ph":"M","pid":1},
		  {"args":{"input0":"x","name":"a/b","op":"MatMul"},"cat":"Op","dur":3,"name":"MatMul","ph":"X","pid":1,"tid":0,"ts":1795450456812665}]}`: {
			Device: "/cpu compute", Op: "MatMul", Node: "a/b", Start: 1795450456812665000, Duration: 3000},
		`{"otherData":{"n":1},"traceEvents":[{"ph":"s","id":"0x5","pid":"x"},{"name":"A","ph":"X","pid":7,"ts":1.5,"dur":2,"args":{}}]}`: {
			Device: "process 7", Op: "A", Start: 1500, Duration: 2000},
	} {
		got, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Span{want}, got.Spans); diff != "" {
			t.Errorf("read (-want +got):\n%s", diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                        "it is empty",
		" \n":                     "it is empty",
		"graph":                   "it is not JSON",
		`{"traceEvents":[`:        "it is not JSON",
		write(t, example())[:400]: "it is not JSON",
		"5":                       "no list of traceEvents",
		"[]":                      "no list of traceEvents",
		"null":                    "no list of traceEvents",
		`{"schema":1}`:            "no list of traceEvents",
		`{"traceEvents":{}}`:      "no list of traceEvents",
		`{"traceEvents":[]}`:      "it holds no operations",
		`{"traceEvents":[5]}`:     "event 0 is malformed",
		`{"traceEvents":[{"ph":"M","name":"process_name","pid":1,"args":{"name":"CPU:0"}}]}`: "it holds no operations",
		`{"traceEvents":[{"ph":"X","name":"A","pid":"a","ts":1,"dur":1}]}`:                   "event 0 is not an operation",
		`{"traceEvents":[{"ph":"X","name":"A","ts":-1,"dur":1}]}`:                            "A starts at -1 µs",
		`{"traceEvents":[{"ph":"X","name":"A","ts":1,"dur":-1}]}`:                            "takes -1 µs",
		`{"traceEvents":[{"ph":"X","name":"A","ts":1e300,"dur":1}]}`:                         "starts at 1e+300 µs",
	} {
		_, err := Read(strings.NewReader(text))
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v; want it to say %q", text, err, says)
		}
	}
}

func TestWriteToABrokenPipe(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if err := Write(w, example()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the error is %v, want the pipe's own", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(write(f, example()))
	f.Add(`{"traceEvents":[{"ph":"X","name":"A","pid":7,"ts":1.5,"dur":2}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		tr, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, d := range Summarize(tr.Spans) {
			if math.IsNaN(d.Busy) || d.Busy < 0 || d.Wall < 0 || d.Operations < 1 {
				t.Fatalf("%+v", d)
			}
		}
		again, err := Read(strings.NewReader(write(t, tr)))
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Spans) != len(tr.Spans) {
			t.Fatalf("%d spans came back, not %d", len(again.Spans), len(tr.Spans))
		}
	})
}
