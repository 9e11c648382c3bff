package setting

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

// samples are values of each setting that are not its default.
var samples = map[string][]string{
	"samples": {"1000"}, "batch": {"32", "full"}, "epochs": {"7"}, "for": {"1m30s", "250ms"}, "warmup": {"0", "3"},
	"data": {"x=/tmp/a b.npy", "/tmp/c.npz"}, "input": {"x=a,b", "y=c"}, "take": {"9"}, "header": {"none"}, "tokens": {"chars"}, "window": {"64"},
	"image-size": {"224x32"}, "seed": {"18446744073709551615"}, "feed": {"resident"}, "shuffle": {"yes"},
	"pipeline": {"memory"}, "validation": {"none"}, "cold": {"yes"},
	"runtime": {"fit", "fit-jax", "peer"}, "callbacks": {"none"}, "metrics": {"none"}, "step": {"none", "stamped"}, "steps-per-execution": {"32"}, "compile": {"on", "off"},
	"preprocess": {"x:scale=0.5", "y:one_hot"}, "pad-to": {"8"}, "prefetch": {"0"}, "feed-threads": {"2"}, "load-weights": {"trained/cnn.weights.h5"},
	"worker": {"ssh gpu7 epochtime-worker", `sh -c 'exec "$0"' w`}, "fetch": {"last"}, "device": {"gpu:1", "gpu:0,1", "gpu:3,0"}, "env": {"A=b=c", "B= "}, "intra-op": {"1"}, "inter-op": {"2"},
	"executor": {"caller-thread"}, "timeout": {"1m30s"}, "memory-limit": {"1500MiB", "2GiB", "7B"}, "gpu-memory-limit": {"8GiB"},
}

// Every field of a configuration is a setting, under the key that records give it.
func TestTableIsWhole(t *testing.T) {
	var fields, keys []string
	of := reflect.TypeFor[record.Config]()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	for _, s := range All() {
		keys = append(keys, s.Key())
	}
	slices.Sort(fields)
	slices.Sort(keys)
	if diff := cmp.Diff(fields, keys); diff != "" {
		t.Errorf("fields of record.Config (-) and keys of settings (+):\n%s", diff)
	}
}

// What Set reads, Text writes, and the words that Words gives make the same
// configuration again.
func TestRoundTrip(t *testing.T) {
	for _, s := range All() {
		if len(samples[s.Name]) == 0 {
			t.Errorf("no sample of %s", s.Name)
		}
		for _, text := range samples[s.Name] {
			c := Defaults()
			if err := s.Set(&c, text); err != nil {
				t.Errorf("%s=%s: %v", s.Name, text, err)
				continue
			}
			if got := s.Text(c); got != text {
				t.Errorf("%s=%s is written %q", s.Name, text, got)
			}
			again := Defaults()
			for _, word := range Words(Defaults(), c) {
				name, value, given := strings.Cut(strings.TrimPrefix(word, "--"), "=")
				if !given {
					value = "yes"
				}
				found, _ := Find(name)
				if err := found.Set(&again, value); err != nil {
					t.Errorf("%s: %v", word, err)
				}
			}
			if diff := cmp.Diff(c, again); diff != "" {
				t.Errorf("%s=%s, written as words and read again:\n%s", s.Name, text, diff)
			}
			if s.Unset == "" || s.Repeat {
				continue
			}
			if err := s.Set(&c, s.Unset); err != nil {
				t.Errorf("%s=%s: %v", s.Name, s.Unset, err)
			}
			if got := s.Text(c); got != "" {
				t.Errorf("%s=%s leaves %q", s.Name, s.Unset, got)
			}
		}
	}
}

func TestSetRefuses(t *testing.T) {
	for _, bad := range []string{
		"samples=0", "batch=0", "batch=-1", "batch=x", "epochs=0", "epochs=1e3", "warmup=-1", "input=x", "input==y", "take=0", "header=last", "tokens=lines", "window=0",
		"image-size=10", "image-size=0x9", "image-size=1x2x3", "seed=-1", "feed=both", "shuffle=maybe", "preprocess=x:spin", "prefetch=-1", "warmup=", "prefetch=", "feed-threads=", "seed=",
		"feed-threads=0", "worker=a; b", "worker='", "device=", "feed=", "device=abacus", "fetch=first", "device=gpu:", "device=gpu:x", "device=gpu:0,0", "device=gpu:0,-1", "device=gpu:0,", "device=cpu:0", "device=cpu:0,1", "env=A", "env==b", "executor=fast", "timeout=-1s", "timeout=9", "memory-limit=0", "memory-limit=much", "memory-limit=-1", "memory-limit=99999999TiB",
	} {
		name, value, _ := strings.Cut(bad, "=")
		s, ok := Find(name)
		if !ok {
			t.Fatalf("no setting %s", name)
		}
		c := Defaults()
		if err := s.Set(&c, value); err == nil {
			t.Errorf("%s is taken", bad)
		}
		if diff := cmp.Diff(Defaults(), c); diff != "" {
			t.Errorf("%s is refused and changes\n%s", bad, diff)
		}
	}
}

// Configurations made from one do not share its lists and maps.
func TestSetCopies(t *testing.T) {
	base := record.Config{Data: make([]string, 0, 4), Env: map[string]string{"A": "1"}}
	one, two := base, base
	for c, text := range map[*record.Config]string{&one: "one", &two: "two"} {
		for _, name := range []string{"data", "env.A"} {
			s, _ := Find(name)
			if err := s.Set(c, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	if one.Data[0] != "one" || two.Data[0] != "two" || one.Env["A"] != "one" || two.Env["A"] != "two" || base.Env["A"] != "1" {
		t.Errorf("%+v and %+v of %+v", one, two, base)
	}
}

// The word default removes an environment variable, and an empty text does not.
func TestUnsetVariable(t *testing.T) {
	base := record.Config{Env: map[string]string{"A": "1", "B": "2"}}
	c := base
	for name, text := range map[string]string{"env.A": "default", "env.B": ""} {
		if err := Change(&c, name, text); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{"B": ""}, c.Env); diff != "" || len(base.Env) != 2 || base.Env["B"] != "2" {
		t.Errorf("of %v:\n%s", base.Env, diff)
	}
}

// Check refuses what Set would, whoever wrote it into the configuration.
func TestCheck(t *testing.T) {
	if err := Check(Defaults()); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	if err, want := Change(new(record.Config), "epochs", "-1"), "epochs: -1: it takes"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s…", err, want)
	}
	for name, c := range map[string]record.Config{
		"epochs": {Epochs: -1}, "for": {For: -1}, "warmup": {Warmup: -1}, "batch": {Batch: -2}, "device": {Device: "abacus"}, "executor": {Executor: "fast"},
		"feed": {Feed: "both"}, "env": {Env: map[string]string{"": "x"}}, "timeout": {Timeout: -1}, "preprocess": {Preprocess: []string{"x:spin"}},
	} {
		c.FeedThreads = 1
		var wrong *Error
		if err := Check(c); !errors.As(err, &wrong) || wrong.Setting != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiffering(t *testing.T) {
	a, b := Defaults(), Defaults()
	b.Batch, b.Env, b.PadTo = 64, map[string]string{"TF_X": "1"}, 8
	got := Names(Differing(a, b))
	if diff := cmp.Diff([]string{"batch", "pad-to", "env.TF_X"}, got); diff != "" {
		t.Errorf("differing settings:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"batch=64", "pad-to=8", "env.TF_X=1"}, Assignments(a, b)); diff != "" {
		t.Errorf("as an ab takes them:\n%s", diff)
	}
	runs := []record.Run{{Graph: record.Graph{Name: "cnn"}, Config: a}, {Graph: record.Graph{Name: "cnn"}, Config: b}, {Graph: record.Graph{Name: "rnn"}, Config: b}}
	runs[0].Config.Batch = 0
	want := []string{"cnn, batch full, pad-to longest", "cnn, batch 64, pad-to 8, env.TF_X 1", "rnn"}
	if diff := cmp.Diff(want, Titles(runs)); diff != "" {
		t.Errorf("titles:\n%s", diff)
	}
}

// A run that trains for a time has no epochs, and one that counts them no time.
func TestUnsetWithoutWord(t *testing.T) {
	epochs, timed := Defaults(), Defaults()
	epochs.Epochs, timed.Epochs, timed.For = 10, 0, 20
	titles := Titles([]record.Run{{Graph: record.Graph{Name: "cnn"}, Config: epochs}, {Graph: record.Graph{Name: "cnn"}, Config: timed}})
	if diff := cmp.Diff([]string{"cnn, epochs 10", "cnn, for 20s"}, titles); diff != "" {
		t.Errorf("titles:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"--for=20s"}, Words(epochs, timed)); diff != "" {
		t.Errorf("words:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"for=20s"}, Assignments(epochs, timed)); diff != "" {
		t.Errorf("as an ab takes them:\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]bool{"batch": true, "env": true, "env.X": true, "env.": false, "": false, "graph": false} {
		if _, ok := Find(name); ok != want {
			t.Errorf("Find(%q) is %v", name, ok)
		}
	}
}
