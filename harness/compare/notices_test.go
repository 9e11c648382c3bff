package compare

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
)

func noticing(r record.Run, notices ...record.Notice) record.Run {
	r.Graph.Notices = notices
	return r
}

// What is not in the time of one side alone is a doubt, whichever way they are
// compared.
func TestDifferentNotices(t *testing.T) {
	stopping, board := record.Notice{About: "callbacks", Text: "EarlyStopping is not called."}, record.Notice{About: "callbacks", Text: "TensorBoard is not called."}
	shuffle := record.Notice{About: "shuffle", Text: "The order stays."}
	level := steady(8, 0.25)
	for name, c := range map[string]struct {
		base, new []record.Notice
		want      string // empty: no doubt
	}{
		"none":            {nil, nil, ""},
		"the same":        {[]record.Notice{stopping, shuffle}, []record.Notice{shuffle, stopping}, ""},
		"only the base's": {[]record.Notice{stopping, shuffle}, nil, "different notices of what is in the time: callbacks, shuffle against none"},
		"only the new's":  {nil, []record.Notice{shuffle}, "different notices of what is in the time: none against shuffle"},
		"one of two":      {[]record.Notice{stopping, shuffle}, []record.Notice{stopping}, "different notices of what is in the time: shuffle against none"},
		"each its own":    {[]record.Notice{stopping}, []record.Notice{shuffle}, "different notices of what is in the time: callbacks against shuffle"},
		"other callbacks": {[]record.Notice{stopping, shuffle}, []record.Notice{board, shuffle}, "different notices of what is in the time, about callbacks"},
	} {
		base, fresh := noticing(runOf("cnn", level...), c.base...), noticing(runOf("cnn", level...), c.new...)
		sides := Sides(&base, &fresh, Options{})
		records, err := Records(recordOf("1", base), recordOf("2", fresh), Options{})
		if err != nil {
			t.Fatal(err)
		}
		rankings, err := Rank([]Named{{"a", recordOf("1", base)}, {"b", recordOf("2", fresh)}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for how, doubts := range map[string][]string{"sides": sides.Doubts, "records": records.Pairs[0].Doubts, "ranking": rankings.Rankings[0].Doubts} {
			i := slices.IndexFunc(doubts, func(d string) bool { return strings.Contains(d, "notices") })
			switch {
			case (i >= 0) != (c.want != ""):
				t.Errorf("%s as %s has the doubts %q", name, how, doubts)
			case i >= 0 && !strings.HasSuffix(doubts[i], c.want):
				t.Errorf("%s as %s: %s, want %s", name, how, doubts[i], c.want)
			}
		}
	}
}

// A program that reads a comparison has the notices of both sides.
func TestNoticesInJSON(t *testing.T) {
	callbacks, shuffle := record.Notice{About: "callbacks", Text: "They are not called."}, record.Notice{About: "shuffle", Text: "The order stays."}
	base, fresh := recordOf("1", noticing(runOf("cnn", 0.25), callbacks)), recordOf("2", noticing(runOf("cnn", 0.25), callbacks, shuffle))
	c, err := Records(base, fresh, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Rank([]Named{{"a", base}, {"b", fresh}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var pairs, places bytes.Buffer
	if err := c.WriteJSON(&pairs, 0.05); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(&places); err != nil {
		t.Fatal(err)
	}
	type noted struct{ Notices []record.Notice }
	var got struct{ Pairs, Rankings []noted }
	for _, b := range []*bytes.Buffer{&pairs, &places} {
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
	}
	want := []record.Notice{callbacks, shuffle}
	if len(got.Pairs) != 1 || !slices.Equal(got.Pairs[0].Notices, want) {
		t.Errorf("the pairs have %v", got.Pairs)
	}
	if len(got.Rankings) != 1 || !slices.Equal(got.Rankings[0].Notices, want) {
		t.Errorf("the rankings have %v", got.Rankings)
	}
}

// Runs that differ in where batches come from, in validation, or in how they begin
// are other configurations, and their times are not compared without a doubt.
func TestScriptsSettingsAreNotComparable(t *testing.T) {
	for want, change := range map[string]func(*record.Config){
		"different pipeline: script against memory": func(c *record.Config) { c.Pipeline = record.PipelineMemory },
		"different validation: script against none": func(c *record.Config) { c.Validation = record.PartNone },
		"different cold: no against yes":            func(c *record.Config) { c.Cold = true },
	} {
		base, other := runOf("cnn", steady(8, 0.25)...), runOf("cnn", steady(8, 0.25)...)
		change(&other.Config)
		c, err := Records(recordOf("1", base), recordOf("2", other), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(c.Pairs[0].Doubts, want) {
			t.Errorf("%s: the doubts are %q", want, c.Pairs[0].Doubts)
		}
		if c, err = Records(recordOf("1", base, other), recordOf("2", other, base), Options{}); err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Pairs {
			if len(p.Doubts) > 0 || p.Base.Config.Cold != p.New.Config.Cold || p.Base.Config.Pipeline != p.New.Config.Pipeline {
				t.Errorf("%s: %v is compared with %v, doubts %q", want, p.Base.Config, p.New.Config, p.Doubts)
			}
		}
	}
}
