package measure

import (
	"errors"
	"math"
	"strings"
	"testing"

	"epochtime/harness/record"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	cnn := makeGraph(t, "cnn")
	done, err := NewRun([]Configuration{configured(t, cnn)}, newLab().options())
	measured(t, done, err)
	zerocheck.Run(t, ".", map[string]any{
		"NewRun": NewRun, "NewAB": NewAB, "NewSweep": NewSweep, "NewExplain": NewExplain, "NewProbe": func(c record.Config) error { _, err := NewProbe(c, newLab().options()); return err }, "NewLargest": NewLargest, "NewTune": NewTune, "NewEstimate": NewEstimate, "Resume": Resume, "CheckParity": CheckParity,
		"Candidates": Candidates, "Factors": Factors, "FactorNames": FactorNames, "NewFactors": NewFactors, "Grid": Grid, "Configure": Configure, "WithResident": WithResident, "WithLossAtEnd": WithLossAtEnd, "Check": Check, "Resolve": Resolve,
		"CheckMachineName": CheckMachineName,
		"CheckWorker":      CheckWorker,
		"WorkersOf":        func() error { _, err := WorkersOf("")(record.Config{Runtime: record.RuntimePeer}); return err },
		"Workers":          func(c record.Config) Launcher { l, _ := Workers(c); return l }, // it starts nothing
		"NewFleet":         NewFleet, "ResumeFleet": ResumeFleet, "ConfigureAll": ConfigureAll,
		"AskWorker": AskWorker, "WithBest": WithBest,
		"WithDefault": func(c Configuration) *record.Settings { return WithDefault(c).Settings },
	}, done, &Fleet{}, &Unwatched{})
	zerocheck.Methods(t, done)
}

// Without what they need, functions return an error.
func TestNothing(t *testing.T) {
	for name, begin := range map[string]func() (*Session, error){
		"run":           func() (*Session, error) { return NewRun(nil, Options{}) },
		"run, no graph": func() (*Session, error) { return NewRun([]Configuration{{}}, Options{}) },
		"ab":            func() (*Session, error) { return NewAB(Configuration{}, Configuration{}, Options{}) },
		"sweep":         func() (*Session, error) { return NewSweep([]Configuration{{}}, Options{}) },
		"tune":          func() (*Session, error) { return NewTune(nil, Options{}) },
		"grid": func() (*Session, error) {
			_, err := Grid(Configuration{}, []Axis{{"batch", []string{"1"}}})
			return nil, err
		},
		"configure":  func() (*Session, error) { _, err := Configure(Configuration{}); return nil, err },
		"candidates": func() (*Session, error) { _, err := Candidates(Configuration{}, nil, nil, nil, nil); return nil, err },
		"factors":    func() (*Session, error) { _, _, err := Factors(Configuration{}, Variation{}); return nil, err },
		"resolve":    func() (*Session, error) { _, err := Resolve(nil, record.Config{}); return nil, err },
		"resident":   func() (*Session, error) { _, err := WithResident([]Configuration{{}}); return nil, err },
		"parity": func() (*Session, error) {
			_, err := CheckParity(t.Context(), nil, nil, record.Config{}, true)
			return nil, err
		},
		"zero session": func() (*Session, error) { return nil, new(Session).Measure(t.Context()) },
	} {
		if _, err := begin(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Values that no session can have are refused, under the name of the setting or option.
func TestImpossible(t *testing.T) {
	cnn := makeGraph(t, "cnn")
	for want, change := range map[string]func(*record.Config, *Options){
		"epochs":           func(c *record.Config, _ *Options) { c.Epochs = -1 },
		"intra-op":         func(c *record.Config, _ *Options) { c.IntraOp = -2 },
		"device":           func(c *record.Config, _ *Options) { c.Device = "abacus" },
		"feed":             func(c *record.Config, _ *Options) { c.Feed = "spoon" },
		"option Launches":  func(_ *record.Config, o *Options) { o.Launches = -1 },
		"option MaxTime":   func(_ *record.Config, o *Options) { o.MaxTime = -1 },
		"option Until":     func(_ *record.Config, o *Options) { o.Until = math.NaN() },
		"option Threshold": func(_ *record.Config, o *Options) { o.Threshold = -0.1 },
	} {
		c, o := configured(t, cnn), newLab().options()
		change(&c.Config, &o)
		_, err := NewRun([]Configuration{c}, o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if strings.HasPrefix(want, "option") != errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v is another kind of error", want, err)
		}
	}
	if _, err := NewTune([]Configuration{configured(t, cnn)}, newLab().options()); !errors.Is(err, ErrOptions) {
		t.Errorf("a search without a limit: %v", err)
	}
	c, err := Resolve(cnn, record.Config{})
	if err != nil || c.Feed != record.FeedBatches || c.Device != "cpu" || c.FeedThreads != 1 {
		t.Errorf("the zero settings: %+v, %v", c, err)
	}
}

// Weights that lack the optimizer's state are used with a warning, once.
func TestLacking(t *testing.T) {
	l := newLab()
	l.lacking = []string{"optimizer/momentum"}
	var warnings []string
	o := l.options()
	o.Watcher = &listener{notice: func(kind NoticeKind, text string) { warnings = append(warnings, string(kind)+" "+text) }}
	s, err := NewRun([]Configuration{configured(t, makeGraph(t, "cnn"))}, o)
	measured(t, s, err)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "optimizer/momentum") || !strings.HasPrefix(warnings[0], string(Warning)) {
		t.Errorf("%q", warnings)
	}
}
