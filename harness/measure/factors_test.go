package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/compare"
	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// varied returns the labels of a graph's levels, and what is left out.
func varied(t *testing.T, g *graph.Manifest, c record.Config, v Variation) (labels, leftOut []string, list []Configuration) {
	t.Helper()
	list, leftOut, err := Factors(Configuration{Graph: g, Config: c, Command: []string{"run", g.Name}}, v)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		labels = append(labels, c.Label)
	}
	return labels, leftOut, list
}

// exports returns a graph for each option of an exporter, or an error.
func exports(t *testing.T, refused ...string) func(option, value string) (*graph.Manifest, error) {
	return func(option, value string) (*graph.Manifest, error) {
		if slices.Contains(refused, option) {
			return nil, errors.New("the model has no " + option)
		}
		return makeGraph(t, "cnn-"+option+value), nil
	}
}

func TestFactors(t *testing.T) {
	labels, leftOut, list := varied(t, makeGraph(t, "cnn"), setting.Defaults(), Variation{Cores: 8, Variant: exports(t, "precision")})
	if diff := cmp.Diff([]string{
		"cnn, default", "cnn, data 1000→500", "cnn, data 1000→2000", "cnn, width ×1→×½", "cnn, width ×1→×2", "cnn, batch 32→8", "cnn, batch 32→256",
		"cnn, optimizer adam→sgd", "cnn, xla off→on", "cnn, onednn default→0", "cnn, threads default→1", "cnn, threads default→4", "cnn, preprocess none→more", "cnn, prefetch 2→0",
	}, labels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"precision float32→bfloat16: the model has no precision"}, leftOut); diff != "" {
		t.Errorf("left out:\n%s", diff)
	}
	for i, want := range map[int]string{
		0: "run cnn", 4: "run cnn-width2", 6: "run cnn --batch=256", 8: "run cnn-jittrue", 9: "run cnn --env=TF_ENABLE_ONEDNN_OPTS=0", 12: "run cnn --preprocess=x:normalize=0.5,2",
	} {
		if got := strings.Join(list[i].Command, " "); got != want {
			t.Errorf("%s: %s, want %s", labels[i], got, want)
		}
	}
	if f := list[6].Factor; list[0].Factor != nil || *f != (record.Factor{Name: "batch", From: "32", To: "256"}) || list[6].Config.Samples != 1000 {
		t.Errorf("factor %+v", f)
	}
}

// What the default is decides on the levels, and on what is left out.
func TestFactorsOfDefaults(t *testing.T) {
	jit := makeGraph(t, "jit", "variant.jit=true", `variant.precision="mixed_bfloat16"`, `model.optimizer.name="own"`)
	fixed := makeGraph(t, "fixed", "fixed=16")
	words := makeGraph(t, "words", `inputs=[{"name":"x","dtype":"int32","shape":[null,1],"categories":5}]`, `data.columns.x={"generator":"integers","low":0,"high":5}`)
	for name, c := range map[string]struct {
		g      *graph.Manifest
		change []string
		v      Variation
		want   []string
		left   string
	}{
		"full batch":        {makeGraph(t, "cnn"), []string{"batch=full"}, Variation{Names: []string{"batch"}}, []string{"batch full→250", "batch full→31"}, ""},
		"batch near full":   {makeGraph(t, "cnn"), []string{"batch=200"}, Variation{Names: []string{"batch"}}, []string{"batch 200→50", "batch 200→1000"}, ""},
		"compiled":          {jit, nil, Variation{Names: []string{"xla", "precision"}, Variant: exports(t)}, []string{"precision bfloat16→float32", "xla on→off"}, ""},
		"oneDNN off":        {makeGraph(t, "cnn"), []string{"env.TF_ENABLE_ONEDNN_OPTS=0"}, Variation{Names: []string{"onednn"}}, []string{"onednn 0→1"}, ""},
		"one thread":        {makeGraph(t, "cnn"), []string{"intra-op=1"}, Variation{Cores: 4, Names: []string{"threads"}}, []string{"threads 1→2"}, ""},
		"nothing ahead":     {makeGraph(t, "cnn"), []string{"prefetch=0"}, Variation{Names: []string{"prefetch"}}, []string{"prefetch 0→2"}, ""},
		"on a GPU":          {makeGraph(t, "cnn"), []string{"device=gpu"}, Variation{Names: []string{"precision"}, Variant: exports(t)}, []string{"precision float32→bfloat16", "precision float32→float16"}, ""},
		"two names":         {makeGraph(t, "cnn"), nil, Variation{Names: []string{"prefetch", "batch"}}, []string{"batch 32→8", "batch 32→256", "prefetch 2→0"}, ""},
		"own optimizer":     {jit, nil, Variation{}, nil, "optimizer: the model trains by a train_step of its own"},
		"a fixed batch":     {fixed, nil, Variation{}, nil, "batch: the export fixes it at 16"},
		"a GPU has none":    {makeGraph(t, "cnn"), []string{"device=gpu"}, Variation{}, nil, "onednn: its kernels are for the CPU"},
		"whole numbers":     {words, nil, Variation{}, nil, "preprocess: it has no input of numbers that could be changed as they are fed"},
		"without exporter":  {makeGraph(t, "cnn"), nil, Variation{}, nil, "width ×1→×½: it takes another export of the model, and there is no exporter"},
		"one thread at all": {makeGraph(t, "cnn"), []string{"intra-op=1"}, Variation{Cores: 2}, nil, "threads: an operation has one thread already, and so has half of the cores"},
	} {
		config := setting.Defaults()
		for _, item := range c.change {
			name, value, _ := strings.Cut(item, "=")
			if err := setting.Change(&config, name, value); err != nil {
				t.Fatal(err)
			}
		}
		labels, leftOut, _ := varied(t, c.g, config, c.v)
		for i := range labels {
			labels[i] = strings.TrimPrefix(labels[i], c.g.Name+", ")
		}
		if c.want != nil && !slices.Equal(labels[1:], c.want) {
			t.Errorf("%s: %q, want %q", name, labels[1:], c.want)
		}
		if c.left != "" && !slices.Contains(leftOut, c.left) {
			t.Errorf("%s: left out %q, want %q among it", name, leftOut, c.left)
		}
	}
}

func TestFactorsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		v    Variation
		want string
	}{
		"unknown":        {Variation{Names: []string{"weather"}}, "weather is no factor: there are data, width"},
		"not exportable": {Variation{Names: []string{"batch", "width"}, Variant: exports(t, "width")}, "width: the model has no width"},
		"no exporter":    {Variation{Names: []string{"xla"}}, "xla: it takes another export"},
	} {
		_, _, err := Factors(Configuration{Graph: makeGraph(t, "cnn"), Config: setting.Defaults()}, c.v)
		if !errors.Is(err, ErrFactor) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// An export that was interrupted leaves no factor out: it ends all.
func TestFactorsInterrupted(t *testing.T) {
	exported := 0
	v := Variation{Variant: func(string, string) (*graph.Manifest, error) {
		exported++
		return nil, fmt.Errorf("exporting: %w", context.Canceled)
	}}
	_, _, err := Factors(Configuration{Graph: makeGraph(t, "cnn"), Config: setting.Defaults()}, v)
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrFactor) || exported != 1 {
		t.Errorf("%v after %d exports", err, exported)
	}
}

// Each block has the default and every change. A change that fails is a result, and is
// not launched again; so is one whose graph does not train as Keras does.
func TestNewFactors(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	_, leftOut, list := varied(t, cnn, setting.Defaults(), Variation{Names: []string{"batch", "threads", "prefetch"}})
	l := newLab()
	l.seconds = func(c record.Config, _ string) float64 { return 8 / float64(c.Batch) }
	l.fail = func(_ int, job protocol.Job) *launch.Outcome {
		switch {
		case job.Config.IntraOp == 1:
			return failing(record.Error, "no thread")
		case job.Config.Prefetch == 0:
			return failing(record.OOM, "no memory")
		}
		return nil
	}
	o := l.options()
	o.Launches = 6
	s, err := NewFactors(list, leftOut, o)
	rec := measured(t, s, err)
	for i, want := range []int{6, 6, 6, 1, 1} {
		if n := len(rec.Runs[i].Launches); n != want {
			t.Errorf("%s has %d launches, want %d", s.Title(i), n, want)
		}
	}
	effects := compare.EffectsOf(rec)
	if len(effects) != 4 || effects[0].Factor.To != "256" || math.Abs(effects[0].Ratio.Median-0.125) > 1e-9 || !effects[0].Significant || effects[3].Failure == "" {
		t.Errorf("%+v", effects)
	}
	for block := range 6 { // so that ratios are paired
		in := 0
		for _, run := range rec.Runs[:3] {
			in += len(slices.DeleteFunc(slices.Clone(run.Launches), func(l record.Launch) bool { return l.Block != block }))
		}
		if in != 3 {
			t.Errorf("block %d has %d of the default and the batches", block, in)
		}
	}
}

// Without a default there is nothing to compare with: its failure ends the session, or is
// an error at its end.
func TestFactorsWithoutDefault(t *testing.T) {
	for name, setup := range map[string]bool{"cannot run": true, "fails": false} {
		_, leftOut, list := varied(t, makeGraph(t, "cnn"), setting.Defaults(), Variation{Names: []string{"batch"}})
		l := newLab()
		l.fail = func(_ int, job protocol.Job) *launch.Outcome {
			if job.Config.Batch != 32 {
				return nil
			}
			out := failing(record.Error, "it burst")
			out.Setup, out.Launch.Setup = setup, setup
			return out
		}
		s, err := NewFactors(list, leftOut, l.options())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Measure(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := s.CheckResults(0); !errors.Is(err, ErrNoResult) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A session that was interrupted goes on with the same levels, under the same names.
func TestResumeFactors(t *testing.T) {
	_, leftOut, list := varied(t, makeGraph(t, "cnn"), setting.Defaults(), Variation{Names: []string{"batch"}})
	l := newLab()
	s, err := NewFactors(list, leftOut, l.options())
	if err != nil {
		t.Fatal(err)
	}
	rec := s.Record()
	rec.Status = record.Incomplete
	again, err := Resume(rec, l.options())
	if rec := measured(t, again, err); again.Title(2) != s.Title(2) || len(rec.Runs[2].Launches) == 0 || rec.Status != record.Complete {
		t.Errorf("%q and %q", again.Title(2), s.Title(2))
	}
}
