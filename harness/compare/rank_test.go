package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

// places lists a ranking as NAME RATIO.
func places(r Ranking) map[string]float64 {
	out := map[string]float64{}
	for _, p := range r.Places {
		out[p.Name] = math.Round(100*p.Ratio.Median) / 100
	}
	return out
}

func TestRank(t *testing.T) {
	quiet := Options{Noise: &Noise{Sessions: []float64{.01, -.01, .01, -.01, .01, -.01, .01, -.01}}}
	slow, fast, failed := recordOf("1", runOf("cnn", steady(6, 1.8)...), runOf("rnn", 1)), recordOf("2", runOf("cnn", steady(6, 1)...)), recordOf("3", runOf("cnn"))
	got, err := Rank([]Named{{"slow", slow}, {"failed", failed}, {"fast", fast}}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ranking := got.Rankings[0]
	if len(got.Rankings) != 1 || ranking.Title != "cnn" || ranking.Places[0].Name != "fast" || ranking.Places[2].Name != "failed" {
		t.Fatalf("%+v", got)
	}
	if r := ranking.Places[1].Ratio; math.Abs(r.Median-1.8) > 0.01 || !(r.Low > 1.7 && r.High < 1.9) || !math.IsNaN(ranking.Places[2].Seconds) {
		t.Errorf("the second is %v times as slow", r)
	}
	if diff := cmp.Diff([]string{"slow: rnn"}, got.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"slow and failed: different TensorFlow: 2.21.0 against not known"}, got.Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

// Records of one run each are ranked though their settings differ; of several
// runs, equal settings are matched.
func TestRankMatches(t *testing.T) {
	with := func(batch int, seconds float64) record.Run {
		r := runOf("cnn", seconds)
		r.Config.Batch = batch
		return r
	}
	got, err := Rank([]Named{{"a", recordOf("1", with(32, 4))}, {"b", recordOf("2", with(64, 2))}, {"c", recordOf("3", with(32, 1))}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]float64{"a": 4, "b": 2, "c": 1}, places(got.Rankings[0])); diff != "" {
		t.Errorf("ratios (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a and b: different batch: 32 against 64"}, got.Rankings[0].Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
	if got.Rankings[0].Places[1].Ratio.Known() || len(got.Doubts) != 1 {
		t.Errorf("an interval between sessions of unknown noise, doubts %q", got.Doubts)
	}

	got, err = Rank([]Named{{"a", recordOf("1", with(32, 4), with(64, 3))}, {"b", recordOf("2", with(64, 6), with(128, 9))}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rankings) != 1 || got.Rankings[0].Title != "cnn, batch 64" || got.Rankings[0].Places[0].Name != "a" || got.Rankings[0].Places[1].Ratio.Median != 2 {
		t.Errorf("%+v", got.Rankings)
	}
	if diff := cmp.Diff([]string{"a: cnn, batch 32", "b: cnn, batch 128"}, got.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}

func TestRankRefuses(t *testing.T) {
	other := runOf("cnn", 1)
	other.Graph.SHA256 = "ff"
	if _, err := Rank([]Named{{"a", recordOf("1", runOf("cnn", 1))}, {"b", recordOf("2", other)}}, Options{}); !errors.Is(err, ErrDifferent) {
		t.Errorf("a graph exported anew: %v", err)
	}
	if _, err := Rank([]Named{{"a", recordOf("1", runOf("cnn", 1))}, {"b", recordOf("2", runOf("rnn", 1))}}, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing in common: %v", err)
	}
	if _, err := Rank(nil, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("no records: %v", err)
	}
}

func TestJSON(t *testing.T) {
	ranked, err := Rank([]Named{{"a", recordOf("1", runOf("cnn", 1))}, {"b", recordOf("2", runOf("cnn"))}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	compared, err := Records(recordOf("1", runOf("cnn", 1)), recordOf("2", runOf("cnn", 2)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := errors.Join(ranked.WriteJSON(&first), compared.WriteJSON(&second, 0.05)); err != nil {
		t.Fatal(err)
	}
	var r struct {
		Rankings []struct {
			Places []struct {
				Record         string
				Seconds, Ratio *float64
			}
		}
	}
	if err := json.Unmarshal(first.Bytes(), &r); err != nil || r.Rankings[0].Places[0].Record != "a" || *r.Rankings[0].Places[0].Seconds != 1 || r.Rankings[0].Places[1].Ratio != nil {
		t.Errorf("%v: %s", err, &first)
	}
	var c struct {
		Verdict string
		Pairs   []struct{ Ratio float64 }
		LeftOut []string `json:"left_out"`
	}
	if err := json.Unmarshal(second.Bytes(), &c); err != nil || c.Verdict != "inconclusive" || c.Pairs[0].Ratio != 2 || c.LeftOut == nil {
		t.Errorf("%v: %s", err, &second)
	}
}

// A search compares its two sides; the candidates are named as left out.
func TestSearchRecord(t *testing.T) {
	a, b := runOf("cnn", steady(6, 2)...), runOf("cnn", steady(6, 1)...)
	fast := b
	fast.Config.Executor = record.CallerThread
	defaults, candidate := a, fast
	a.Side, fast.Side = "A", "B"
	r := recordOf("1", defaults, candidate, a, fast)
	r.Plan.Kind = record.KindTune
	c, err := Records(r, r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"candidate cnn", "candidate cnn, executor caller-thread"}, c.LeftOut); diff != "" || len(c.Pairs) != 1 || c.Pairs[0].Base.Side != "A" {
		t.Errorf("%d pairs, left out (-want +got):\n%s", len(c.Pairs), diff)
	}
	again := *r
	again.ID = "2"
	if c, err = Records(r, &again, Options{}); err != nil || len(c.Pairs) != 2 || len(c.OnlyBase)+len(c.OnlyNew) > 0 {
		t.Errorf("two searches: %+v, %v", c, err)
	}
	if diff := cmp.Diff([]string{
		"side A of the base (cnn)", "side B of the base (cnn, executor caller-thread)",
		"side A of the new record (cnn)", "side B of the new record (cnn, executor caller-thread)",
	}, c.LeftOut); diff != "" {
		t.Errorf("two searches leave out (-want +got):\n%s", diff)
	}
	third := *r
	third.ID = "3"
	ranked, err := Rank([]Named{{"one", r}, {"two", &again}, {"three", &third}}, Options{})
	if err != nil || len(ranked.Rankings) != 2 || len(ranked.LeftOut) != 6 || ranked.LeftOut[0] != "one: side A of the search (cnn)" {
		t.Errorf("three searches: %+v, %v", ranked, err)
	}
}

// Two records of ab are compared by one side each, and say so.
func TestTwoRecordsOfTwoSides(t *testing.T) {
	a, b := runOf("cnn", steady(6, 2)...), runOf("cnn", steady(6, 1)...)
	a.Side, b.Side = "A", "B"
	base, new := recordOf("1", a, b), recordOf("2", a, b)
	c, err := Records(base, new, Options{})
	if err != nil || len(c.Pairs) != 1 || c.Pairs[0].Base.Side != "A" || c.Pairs[0].New.Side != "B" {
		t.Fatalf("%+v, %v", c, err)
	}
	if diff := cmp.Diff([]string{"side B of the base (cnn)", "side A of the new record (cnn)"}, c.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}

// A record that has no two sides is not the same as itself: nothing was compared.
func TestOneRecordAlone(t *testing.T) {
	sweep := recordOf("1", runOf("cnn", steady(10, 1)...), runOf("rnn", steady(10, 1)...))
	search := recordOf("1", runOf("cnn", steady(10, 1)...))
	search.Plan.Kind = record.KindTune // it ended before its winner was confirmed
	for _, r := range []*record.Record{sweep, search} {
		again := *r
		again.Runs = slices.Clone(r.Runs)
		for _, other := range []*record.Record{r, &again} {
			if c, err := Records(r, other, Options{}); !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "both are the same record") {
				t.Errorf("%s: %+v, %v", r.Plan.Kind, c, err)
			}
		}
	}
}
