package compare

import (
	"slices"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Best is what a search has found to be fastest for a graph, on one machine and with one
// TensorFlow.
type Best struct {
	ID         string      // of the search's record
	Found      time.Time   // when it began
	Default    *record.Run // the graph that was searched, with the settings that were asked for
	Winner     *record.Run // Default, where nothing is faster
	Machine    record.Machine
	TensorFlow string        // its version
	Build      *record.Build // of TensorFlow; nil is not known
	Ratio      stats.Ratio   // time of the winner over the default's, in the confirmation
}

// BestOf returns what the record of a search has found, and false where that is nothing:
// the search did not end, left candidates untried, or could not tell its winner from the
// default.
func BestOf(r *record.Record) (*Best, bool) {
	if r == nil || r.Plan.Kind != record.KindTune || r.Status != record.Complete {
		return nil, false
	}
	s := SearchOf(r, Options{Threshold: r.Plan.Threshold})
	if s.Winner < 0 || s.Candidates[0].Summary == nil {
		return nil, false
	}
	out := &Best{ID: r.ID, Found: r.Started, Default: &s.Candidates[0], Ratio: stats.Ratio{Median: 1}}
	out.Winner = out.Default
	switch {
	case s.Winner == 0 && slices.ContainsFunc(s.Ranking, func(c stats.Standing) bool { return !c.Tried() }):
		return nil, false
	case s.Winner == 0:
	case s.Pair == nil || s.Pair.Failures != nil || s.Pair.Verdict == Inconclusive:
		return nil, false
	case s.Pair.Verdict == Faster:
		out.Winner, out.Ratio = &s.Candidates[s.Winner], s.Pair.Ratio
	}
	return out, out.where(r)
}

// where sets the machine and the TensorFlow of the winner. It reports whether they are
// known.
func (b *Best) where(r *record.Record) bool {
	for _, l := range b.Winner.Launches {
		if l.Status == record.OK && l.Machine < len(r.Machines) && l.TensorFlow != "" {
			b.Machine, b.TensorFlow, b.Build = r.Machines[l.Machine], l.TensorFlow, l.Build
			return true
		}
	}
	return false
}

// IsDefault reports whether nothing is faster than the default.
func (b *Best) IsDefault() bool { return b == nil || b.Winner == b.Default }

// Changes returns what the winner changes of the default, as an ab takes it: its graph
// where that is another export, then settings.
func (b *Best) Changes() []string {
	if b.IsDefault() {
		return nil
	}
	out := setting.Assignments(b.Default.Config, b.Winner.Config)
	if b.Winner.Graph.SHA256 != b.Default.Graph.SHA256 {
		out = append([]string{"graph=" + b.Winner.Graph.Name}, out...)
	}
	return out
}

// Settings in which runs must be alike for what is best for the one to be known for the
// other, and settings whose difference makes that doubtful.
var (
	ofKind = []string{"device", "runtime", "feed"}
	ofWork = []string{"batch", "samples", "data", "take", "window", "tokens", "image-size", "preprocess", "pad-to", "shuffle", "pipeline"}
)

// Suits reports whether what is best may be used for a configuration, which is completed
// as measure.Configure does. doubts names the work in which the default of the search
// differs from it, as in "batch 32".
func (b *Best) Suits(c record.Config) (doubts []string, ok bool) {
	if b == nil || b.Default == nil {
		return nil, false
	}
	for _, name := range ofKind {
		if s, _ := setting.Find(name); s.Text(c) != s.Text(b.Default.Config) {
			return nil, false
		}
	}
	for _, name := range ofWork {
		if s, _ := setting.Find(name); s.Text(c) != s.Text(b.Default.Config) {
			doubts = append(doubts, name+" "+s.Shown(b.Default.Config))
		}
	}
	return doubts, true
}
