package record

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

var update = flag.Bool("update", false, "write testdata/record.json anew")

const golden = "testdata/record.json"

// full has no field that is zero.
func full() *Record {
	started := time.Date(2026, 3, 1, 12, 30, 0, 125e6, time.FixedZone("", 3600))
	return &Record{
		Schema: Schema, Epochtime: "0.1.0", ID: "00c0ffee00c0ffee", Started: started, Argv: []string{"epochtime", "run", "cnn"},
		Labels: map[string]string{"commit": "abc<1>"}, Status: Complete, Plan: Plan{Kind: KindAB, Seed: math.MaxUint64, Blocks: 6, MaxTime: 600, Until: 0.02, Threshold: 0.05, Suite: "article", Most: 4096, LeftOut: []string{"width: linear has none"}},
		Machines: slices.Repeat([]Machine{{
			Hostname: "node7", OS: "debian 12", Kernel: "6.1.0", Arch: "amd64", CPU: "Some CPU", Cores: 8,
			CPUFeatures: []string{"avx2", "fma"}, Governor: "performance", MemoryBytes: 64 << 30,
			Virtualization: "kvm", Driver: "nvidia 580.65.06", CPULimit: 2.5, MemoryLimit: 8 << 30,
			ID: "9f2c1a7be0d84c35", Name: "candidate", Price: &Price{Name: "gpu.large", PerHour: 2.48, Currency: "EUR", Source: "price list", Date: "2026-03-01"},
			Sockets: 2, PhysicalCores: 32, LogicalCores: 64, NUMANodes: 2, Caches: []Cache{{Level: 3, Kind: "unified", Bytes: 32 << 20, Count: 2}},
			MemoryType: "DDR5", MemorySpeed: 4800, Boost: "on", SMT: "on", Container: "docker", Product: "Some Maker Model 7",
			GPUs: []GPU{{Model: "Some GPU", MemoryBytes: 80 << 30, Driver: "580.65.06", CUDA: "13.0", PowerLimit: 700, MaxClock: 1980}},
		}}, 2), // the launch ran on the second
		Runs: []Run{{
			Side: "B", On: "gpu7",
			Graph: Graph{
				Name: "cnn", SHA256: "590442f0", Dir: "/graphs/cnn", Architecture: "cnn", Parameters: 54410, FlopsPerExample: 1239186,
				Variant: map[string]any{"jit": true, "batch": nil},
				Script:  &Script{File: "train.py", Arguments: []string{"--width", "64"}, Call: "fit", Line: 41, Phase: 2, Phases: 3},
				Notices: []Notice{{About: "callbacks", Text: "EarlyStopping is not called"}},
			},
			Config: Config{
				Batch: 32, Samples: 1000, Epochs: 10, For: 1800, Warmup: 1, Device: "cpu", Seed: math.MaxUint64, Data: []string{"digits.npz"},
				Inputs: map[string]string{"x": "pixels"}, Take: 500, Header: "none", Tokens: "words", Window: 64, ImageSize: "224x224",
				Shuffle: new(true), Preprocess: []string{"x:flip"}, PadTo: 8, Prefetch: 2, FeedThreads: 1, Feed: FeedResident, Executor: "single-threaded", IntraOp: 4, InterOp: 2, Env: map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"},
				Worker: []string{"ssh", "node7", "epochtime-worker"}, Timeout: 90, MemoryLimit: 2 << 30, GPUMemoryLimit: 8 << 30, LoadWeights: "cnn.weights.h5",
				Pipeline: PipelineMemory, Validation: PartNone, Cold: true, Fetch: FetchLast,
				Callbacks: PartNone, Metrics: PartNone, Step: PartNone, Compile: CompileOff, PerCall: 32, Runtime: RuntimeFit,
			},
			Command:  []string{"run", "cnn", "--batch=32"},
			Parity:   &Parity{MaxRelativeDifference: 1e-07, Tolerance: 0.001, Checked: started},
			Launches: []Launch{fullLaunch(started)},
			Summary: &Summary{
				Launches: 6, EpochSeconds: Interval{Median: 0.5, Low: 0.25, High: 0.75, Confidence: 0.95}, MeanEpochSeconds: 0.5,
				ExamplesPerSecond: 2000, StepSeconds: 0.015625, WaitShare: 0.125, FirstStepSeconds: 1.5, PeakRSS: 1 << 30, FinalLoss: 2.25,
				WholeSeconds: &Interval{Median: 0.75, Low: 0.5, High: 1, Confidence: 0.95}, FirstEpochSeconds: &Interval{Median: 2, Low: 1.5, High: 2.5, Confidence: 0.95},
				Metrics: map[string]Number{"accuracy": 0.5, "val_loss": 2.5}, JoulesPerEpoch: &Interval{Median: 40, Low: 30, High: 50, Confidence: 0.95},
			},
			Warnings: []string{"the launches differ"},
			Factor:   &Factor{Name: "batch", From: "32", To: "256"},
			Settings: &Settings{Name: SettingsBest, Graph: "590442f0", From: "0decade0", Found: started},
			Inside:   &Inside{Operations: []Operation{{Op: "MatMul", Count: 3, Seconds: 0.25, Share: 0.75}}, Idle: 0.125, Stages: []Stage{{Name: "map", File: "train.py", Line: 38, Seconds: 0.5}}},
			Roofline: &Roofline{
				Limits: 1, Flops: 1e9, Achieved: Interval{Median: 2e9, Low: 1e9, High: 3e9, Confidence: 0.95}, Peak: "matmul-float32",
				Utilized: Interval{Median: 0.75, Low: 0.5, High: 1, Confidence: 0.9}, Shares: []Share{{Of: BoundCompute, Share: 0.75}}, Bound: BoundCompute, Note: "the peak was not probed",
			},
		}},
		Bills: []Bill{{
			Graph: "cnn", Side: "B", Whole: Interval{Median: 2, Low: 1.5, High: 2.5, Confidence: 0.95},
			Lines:     []Line{{Part: PartStep, Seconds: Interval{Median: 1, Low: 0.5, High: 1.5, Confidence: 0.95}, Share: 0.5, Missing: "it was not launched"}},
			Explained: Interval{Median: 1, Low: 0.9375, High: 1.0625, Confidence: 0.95}, Steps: 32, PerStep: 0.001, PerEpoch: 0.25, Hidden: 0.5,
			First: &Interval{Median: 4, Low: 3, High: 5, Confidence: 0.95}, CompilingPays: 7.5, Compiles: true, Moved: []Line{{Part: PartWhole, Seconds: Interval{Median: 0.5, Low: 0.25, High: 0.75, Confidence: 0.95}, Share: 0.25, Missing: "it was not launched"}}, Bound: PartOwn, Proof: []string{"ab", "train.py"},
			Operations: []Operation{{Op: "MatMul", Count: 3, Seconds: 0.25, Share: 0.75}}, Idle: 0.125, Stages: []Stage{{Name: "map", File: "train.py", Line: 38, Seconds: 0.5}},
		}},
		Limits: slices.Repeat([]Limits{{
			Machine: 1, Probed: "0decade0", TensorFlow: "2.21.0", Device: "cpu", Threads: 4,
			Rates: []Rate{{Name: "matmul-float32", Unit: FlopPerSecond, Value: Interval{Median: 2e11, Low: 1e11, High: 3e11, Confidence: 0.95}, Note: "2048 × 2048"}},
		}}, 2), // the run is compared with the second
		Idle:     []Power{{Machine: 1, Domain: "package-0", Watts: 12.5, Seconds: 2}},
		Spent:    &Spent{Wall: 60, Graphs: 8, Parity: 4, Between: 1, Idle: 3, Extra: 2, Saving: 0.5},
		Estimate: fullEstimate(),
	}
}

func fullEstimate() *Estimate {
	known := Interval{Median: 192, Low: 178, High: 210, Confidence: 0.9}
	return &Estimate{
		Asked: Asked{Samples: 1200000, Batch: 256, Epochs: 90}, From: "0decade0", Held: 1, Most: 60000, Data: 3140, Reason: "no launch of a probe worked",
		Steps: 4688, Epoch: known, Total: known, Cold: known, Memory: &known, Joules: &known, Cost: &Cost{PerEpoch: known, Total: known, Currency: "EUR"},
		Parts:    []EstimatePart{{Name: PartExamples, Each: 0.000125, Seconds: 150, Share: 0.78125}},
		Launches: 16, Spread: 0.0625, Model: 0.03125, Probed: 9.5, Furthest: 293, Between: []int{64, 512}, Notes: []string{"batch 256 was not probed"},
		Measured: &Verified{Epoch: known, Launches: 6, Error: -0.0625, Beyond: 0.03125, Within: true},
	}
}

func fullLaunch(started time.Time) Launch {
	return Launch{
		Status: Killed, Reason: "the worker died", ExitCode: -1, Signal: "killed", Setup: true, Wall: 4.5, Limit: 45, Machine: 1, Order: 3, Block: 1, Started: started,
		Worker: []string{"ssh", "node7", "epochtime-worker"}, TensorFlow: "2.21.0",
		Devices: []Device{{Name: "/device:CPU:0", Type: "CPU", MemoryBytes: 1 << 28}},
		Resolved: Resolved{
			Device: "cpu", Batch: 32, Samples: 1000, Steps: 32, IntraOp: 4, InterOp: 2, Prefetch: 2, JIT: true, Executor: "caller-thread", Copied: []string{"x"}, Borrowed: []string{"y"},
			Env: map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"}, Pipeline: PipelineScript,
		},
		Cold: Cold{Start: 1.5, Data: 0.375, Load: 0.5, FirstStep: 0.25, Compile: 3, Upload: 0.75, First: 3.125, Reset: 0.0625, Transfer: 0.015625, Sent: 4096},
		Epochs: []Epoch{{
			Index: 1, Warmup: true, Start: 0.125, Seconds: 1, Wait: 0.25, Step: 0.5, Other: 0.125, Callbacks: 0.125, Preprocess: 0.125, NewShapes: 2,
			Steps: 32, Samples: 1000, Loss: Number(math.NaN()),
			Validation: 0.5, ValidationSteps: 4, ValidationSamples: 100, Metrics: map[string]Number{"accuracy": 0.5}, RSS: 1 << 29,
		}},
		EpochsDone:  12000,
		Memory:      Memory{PeakRSS: 1 << 30, Mapped: 1 << 28, Devices: []DeviceMemory{{Device: "GPU:0", Peak: 1 << 30, Reserved: 2 << 30}}},
		Disturbance: Disturbance{Steal: 0.5, InvoluntarySwitches: 12},
		Versions:    map[string]string{"keras": "3.15.1"},
		Warnings:    []string{"photos: the class folders are called test, train"},
		Around:      0.5, Saving: 0.125, Ending: 0.25, Probing: 0.875,
		Build:  &Build{OneDNN: "on", XLA: "on", CUDA: "12.5.1", CuDNN: "9", CUDAFound: "12.9", CuDNNFound: "9.3"},
		Before: fullConditions(), After: fullConditions(),
		Readings:   []Reading{{At: 1.5, RSS: 1 << 29, Conditions: *fullConditions(), Power: []Power{{Machine: 1, Domain: "package-0", Watts: 12.5, Seconds: 2}}}},
		Energy:     []Energy{{Domain: "package-0", Source: EnergyRAPL, Joules: 120, Error: 0.5, Seconds: 3, Epochs: 3}},
		Unreadable: []string{"energy: no permission"},
		Rates:      []Rate{{Name: "memory", Unit: BytePerSecond, Value: Interval{Median: 6e10, Low: 5e10, High: 7e10, Confidence: 0.95}, Note: "64 MiB"}},
	}
}

func fullConditions() *Conditions {
	return &Conditions{
		Load: 0.5, Clock: 2600, Temperature: 61.5, Throttled: 3,
		GPUs: []GPUCondition{{Clock: 1980, MemoryClock: 2600, Temperature: 55, Power: 300, MemoryUsed: 1 << 30, Throttled: []string{"power limit"}}},
	}
}

func written(t *testing.T, r *Record) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFullHasNoZero(t *testing.T) {
	var look func(path string, v reflect.Value)
	look = func(path string, v reflect.Value) {
		switch {
		case v.IsZero():
			t.Errorf("%s is zero: the golden record would not show it", path)
		case v.Kind() == reflect.Pointer:
			look(path, v.Elem())
		case v.Kind() == reflect.Slice:
			look(path+"[]", v.Index(0))
		case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
			for i := range v.NumField() {
				look(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	}
	look("Record", reflect.ValueOf(full()))
}

func TestGolden(t *testing.T) {
	got := written(t, full())
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the JSON changed: if that is meant, raise Schema and run with -update\n%s", got)
	}
}

// TestPromisedNames checks the golden record against the fields that the design
// page shows.
func TestPromisedNames(t *testing.T) {
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	for path, names := range map[string]string{
		"":                           "schema epochtime started argv labels plan machines runs",
		"plan":                       "seed blocks",
		"runs":                       "graph config launches summary warnings",
		"runs.graph":                 "name sha256 variant script notices",
		"runs.graph.script":          "file arguments call line phase phases",
		"runs.graph.notices":         "about text",
		"runs.config":                "batch samples epochs warmup device seed env",
		"runs.launches":              "status reason exit_code signal machine order block started worker tensorflow devices resolved cold epochs memory disturbance",
		"runs.launches.cold":         "start_s load_s first_step_s compile_s",
		"runs.launches.epochs":       "index warmup start_s seconds wait_s step_s other_s preprocess_s steps samples loss validation_s metrics rss_bytes",
		"runs.launches.memory":       "peak_rss_bytes",
		"runs.launches.disturbance":  "steal_s involuntary_switches",
		"runs.summary":               "epoch_seconds mean_epoch_seconds examples_per_second step_seconds whole_seconds first_epoch_seconds metrics",
		"runs.summary.epoch_seconds": "median low high confidence",
	} {
		at := tree
		for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
			at = at.(map[string]any)[part]
			if list, ok := at.([]any); ok {
				at = list[0]
			}
		}
		for _, name := range strings.Fields(names) {
			if _, ok := at.(map[string]any)[name]; !ok {
				t.Errorf("%q has no %q", path, name)
			}
		}
	}
	statuses := []string{OK, OOM, Killed, Timeout, Nonfinite, Interrupted, Error}
	if want := []string{"ok", "oom", "killed", "timeout", "nonfinite", "interrupted", "error"}; !slices.Equal(statuses, want) {
		t.Errorf("the statuses are %q, want %q", statuses, want)
	}
}

func TestRoundTrip(t *testing.T) {
	r := full()
	got, err := Read(strings.NewReader(written(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	loss := &got.Runs[0].Launches[0].Epochs[0].Loss
	if !math.IsNaN(float64(*loss)) {
		t.Errorf("NaN came back as %v", *loss)
	}
	if !got.Started.Equal(r.Started) {
		t.Errorf("started %v, want %v", got.Started, r.Started)
	}
	if text := written(t, got); text != written(t, r) {
		t.Errorf("written again it differs:\n%s", text)
	}
	r.Runs[0].Launches[0].Epochs[0].Loss, *loss = 0, 0
	if !reflect.DeepEqual(got.Runs[0].Launches[0].Epochs, r.Runs[0].Launches[0].Epochs) || !reflect.DeepEqual(got.Machines, r.Machines) {
		t.Errorf("got %+v, want %+v", got, r)
	}
}

func TestEpochRoundTrip(t *testing.T) {
	same := func(e Epoch) bool {
		if len(e.Metrics) == 0 {
			e.Metrics = nil // which an empty one is read back as
		}
		text, err := json.Marshal(e)
		var got Epoch
		return err == nil && json.Unmarshal(text, &got) == nil && reflect.DeepEqual(got, e)
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[Number]string{
		Number(math.NaN()): "null", Number(math.Inf(1)): "null", Number(math.Inf(-1)): "null", 0: "0", 0.1: "0.1", 1e-7: "1e-7",
		math.MaxFloat64: "1.7976931348623157e+308",
	} {
		text, err := json.Marshal(in)
		if err != nil || string(text) != want {
			t.Errorf("%v is written as %s (%v), want %s", float64(in), text, err, want)
		}
		var got Number
		if err := json.Unmarshal([]byte(want), &got); err != nil {
			t.Fatal(err)
		}
		if finite := want != "null"; finite && got != in || !finite && !math.IsNaN(float64(got)) {
			t.Errorf("%s is read as %v, want %v", want, got, in)
		}
	}
	var n Number
	if err := json.Unmarshal([]byte(`"1"`), &n); err == nil {
		t.Error("a string was read as a number")
	}
}

func TestWriteHasNoNull(t *testing.T) {
	r := &Record{Schema: Schema, Runs: []Run{{Launches: []Launch{{}}, Parity: &Parity{}, Summary: &Summary{}}}, Machines: []Machine{{}}}
	text := written(t, r)
	if strings.Contains(text, "null") {
		t.Errorf("a list or a map is null:\n%s", text)
	}
	if text := written(t, &Record{}); strings.Contains(text, "null") {
		t.Errorf("a list or a map is null:\n%s", text)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }
func (brokenWriter) Read([]byte) (int, error)  { return 0, os.ErrClosed }

func TestBrokenStreams(t *testing.T) {
	if err := full().Write(brokenWriter{}); err == nil || !strings.Contains(err.Error(), "writing a record") {
		t.Errorf("Write: %v", err)
	}
	if _, err := Read(brokenWriter{}); err == nil || !strings.Contains(err.Error(), "reading a record") {
		t.Errorf("Read: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                             "not whole, valid JSON",
		`{"schema":1,"runs":[`:         "not whole, valid JSON",
		`{"schema":1} {"schema":1}`:    "not whole, valid JSON",
		`{}`:                           "not a record of epochtime",
		`null`:                         "not a record of epochtime",
		`[]`:                           "not whole, valid JSON",
		`{"schema":2}`:                 "its schema is 2, this program reads 1",
		`{"schema":2,"runs":{"a":[]}}`: "its schema is 2, this program reads 1",
		`{"schema":1,"runs":{"a":[]}}`: "runs",
		`{"schema":1,"started":"now"}`: "reading a record",
	} {
		r, err := Read(strings.NewReader(text))
		if r != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Read(%s) = %v, %v; want an error that says %q", text, r, err, says)
		}
	}
}

func TestReadIgnoresUnknownFields(t *testing.T) {
	r, err := Read(strings.NewReader(`{"schema":1,"later":{},"id":"1","status":"complete","plan":{"kind":"run"}}`))
	if err != nil || r.Status != Complete {
		t.Errorf("Read = %+v, %v", r, err)
	}
}

func TestKnown(t *testing.T) {
	if (Interval{Median: 1}).Known() || !(Interval{Confidence: 0.95}).Known() {
		t.Error("an interval is known where it has a confidence")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":1,"id":"1","started":"2026-03-01T02:00:00Z","labels":{"a":"b"},"status":"complete","plan":{"kind":"ab","blocks":1},"machines":[{"cpu":"c","cores":2}],` +
		`"runs":[{"side":"A","graph":{"name":"g","sha256":"a"},"config":{"env":{"A":"1"},"batch":2},"parity":{"tolerance":1e-5}}]}`))
	f.Add([]byte(`{"schema":1,"id":"1","status":"complete","plan":{"kind":"run"},"runs":[{"graph":{"name":"g"},"config":{"feed":"batches"},"summary":null,"launches":[{"status":"ok","epochs":[{"loss":null}]}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		first := written(t, r)
		again, err := Read(strings.NewReader(first))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if second := written(t, again); first != second {
			t.Fatalf("written once:\n%s\nand twice:\n%s", first, second)
		}
	})
}

// The whole platform contains the CPU's domains, and so is not added to them.
func TestDisjoint(t *testing.T) {
	of := func(source string, domains ...string) (list []Energy) {
		for _, d := range domains {
			list = append(list, Energy{Domain: d, Source: source})
		}
		return list
	}
	all := append(of(EnergyRAPL, "package-0", "dram-0", DomainPlatform), of(EnergyNVML, "gpu-0")...)
	if got := Disjoint(all); len(got) != 3 || got[2].Domain != "gpu-0" || len(all) != 4 {
		t.Errorf("%+v", got)
	}
	alone := append(of(EnergyRAPL, DomainPlatform), of(EnergyNVML, "gpu-0")...)
	if got := Disjoint(alone); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

// Runs are written one by one, and read as if they had been written together.
func TestWriteRuns(t *testing.T) {
	for n := range 4 {
		r := full()
		for len(r.Runs) < n {
			r.Runs = append(r.Runs, r.Runs[0])
		}
		r.Runs = r.Runs[:n]
		r.Argv = []string{"\n \"runs\": []"} // which is escaped in a text
		var got, want bytes.Buffer
		if err := r.Write(&got); err != nil {
			t.Fatal(err)
		}
		if err := encode(&want, "", r); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%d runs are written as\n%s\nwant\n%s", n, got.String(), want.String())
		}
	}
}
