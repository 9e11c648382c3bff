package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Named is a record with the name by which a ranking lists it.
type Named struct {
	Name   string
	Record *record.Record
}

// Place is one record's run in a ranking.
type Place struct {
	Name    string // of the record
	ID      string // of the record
	Run     *record.Run
	Seconds float64     // median of its launches, per epoch or example; NaN where none gave a time
	Ratio   stats.Ratio // its time over that of the first place
}

// Ranking is one configuration of several records, the fastest first. Runs
// without a time come last.
type Ranking struct {
	Title      string
	PerExample bool // seconds are per example, because the epochs differ in examples
	Places     []Place
	Doubts     []string
}

// Rankings ranks every configuration that at least two records share.
type Rankings struct {
	Rankings []Ranking
	LeftOut  []string // "RECORD: RUN" for each run that no other record has, or that confirms a search
	Doubts   []string
}

// entry is a run and the index of its record.
type entry struct {
	record int
	named
}

// Rank compares the runs of several records, matched by graph and settings, or by
// graph alone where no record has two runs of it. It ranks and gives no verdict.
// The errors are ErrDifferent and ErrNothing.
func Rank(list []Named, o Options) (*Rankings, error) {
	for _, n := range list {
		if n.Record == nil {
			return nil, fmt.Errorf("%w: %s has no record", ErrNothing, n.Name)
		}
		if err := refuse(n.Record); err != nil {
			return nil, err
		}
	}
	out := &Rankings{}
	groups, alone := grouped(list)
	if len(groups) == 0 {
		return nil, fmt.Errorf("%w: the records share no graph with the same settings", ErrNothing)
	}
	for _, e := range alone {
		out.LeftOut = append(out.LeftOut, list[e.record].Name+": "+e.title)
	}
	for _, n := range list {
		for _, run := range leftOut(n.Record, ranked(n.Record), "the search") {
			out.LeftOut = append(out.LeftOut, n.Name+": "+run)
		}
	}
	level := 1 - (1-Certainty)/float64(comparisons(groups))
	for _, group := range groups {
		if err := sameGraph(group, o); err != nil {
			return nil, err
		}
		out.Rankings = append(out.Rankings, rank(list, group, o, level))
	}
	out.Doubts = rankDoubts(list, o)
	return out, nil
}

// comparisons counts the intervals of all rankings: one for each place but the first.
func comparisons(groups [][]entry) int {
	n := 0
	for _, group := range groups {
		n += len(group) - 1
	}
	return n
}

// grouped returns the runs that several records share, in the order of their first
// appearance, and those of one record only.
func grouped(list []Named) (groups [][]entry, alone []entry) {
	all, repeated := entries(list)
	key := func(e entry) string {
		if repeated[e.run.Title()] {
			return configuration(e.run)
		}
		return e.run.Title()
	}
	at := map[string]int{}
	for _, e := range all {
		k := key(e)
		i, known := at[k]
		if !known || slices.ContainsFunc(groups[i], func(other entry) bool { return other.record == e.record }) {
			i = len(groups)
			at[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	shared := groups[:0]
	for _, group := range groups {
		if len(group) == 1 {
			alone = append(alone, group[0])
		} else {
			shared = append(shared, group)
		}
	}
	return shared, alone
}

// ranked returns the runs of a record that are ranked.
func ranked(r *record.Record) []named {
	return name(r, func(run *record.Run) bool { return run.Side == "" || r.Plan.Kind == record.KindAB })
}

// entries returns the runs of all records but the confirmation of a search, which
// measures two of its candidates again. repeated holds the titles of which one
// record has several runs.
func entries(list []Named) (all []entry, repeated map[string]bool) {
	repeated = map[string]bool{}
	for i, n := range list {
		seen := map[string]bool{}
		for _, run := range ranked(n.Record) {
			title := run.run.Title()
			repeated[title] = repeated[title] || seen[title]
			seen[title] = true
			all = append(all, entry{i, run})
		}
	}
	return all, repeated
}

func sameGraph(group []entry, o Options) error {
	for _, e := range group[1:] {
		if first := group[0].run.Graph; !o.AllowDifferent && e.run.Graph.SHA256 != first.SHA256 {
			return differentGraphs(e.title, first.SHA256, e.run.Graph.SHA256)
		}
	}
	return nil
}

// rank orders one configuration's runs.
func rank(list []Named, group []entry, o Options, level float64) Ranking {
	out := Ranking{}
	for _, e := range group { // the title of a record that has several such runs names their settings
		if len(e.title) > len(out.Title) {
			out.Title = e.title
		}
	}
	values := make([][]stats.BlockValue, len(group))
	for _, e := range group[1:] {
		p := newPair(group[0].run, e.run, Options{})
		out.PerExample = out.PerExample || p.PerExample
		for _, d := range append(p.Doubts, changed(group[0].run, e.run)...) {
			out.Doubts = append(out.Doubts, fmt.Sprintf("%s and %s: %s", list[group[0].record].Name, list[e.record].Name, d))
		}
	}
	order := make([]int, len(group))
	for i, e := range group {
		order[i] = i
		values[i] = stats.LaunchValues(e.run, out.PerExample)
	}
	seconds := func(i int) float64 { return stats.MedianLaunch(values[i]) }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(missing(seconds(a)), missing(seconds(b))), cmp.Compare(seconds(a), seconds(b)))
	})
	first := order[0]
	for _, i := range order {
		place := Place{Name: list[group[i].record].Name, ID: list[group[i].record].Record.ID, Run: group[i].run, Seconds: seconds(i)}
		switch {
		case i == first:
			place.Ratio = stats.Ratio{Median: place.Seconds / place.Seconds, Low: math.NaN(), High: math.NaN()}
		case list[group[first].record].Record.ID == list[group[i].record].Record.ID:
			place.Ratio = stats.RatioByBlocks(values[first], values[i], level)
		default:
			place.Ratio = stats.RatioAcross(values[first], values[i], o.between(), level)
		}
		out.Places = append(out.Places, place)
	}
	return out
}

// missing is 1 for NaN, to sort it behind every number.
func missing(v float64) int {
	if math.IsNaN(v) {
		return 1
	}
	return 0
}

// between are the known log ratios between sessions.
func (o Options) between() []float64 {
	if o.Noise == nil {
		return nil
	}
	return o.Noise.Sessions
}

// rankDoubts names what the records were measured with differently from the first.
func rankDoubts(list []Named, o Options) []string {
	var out []string
	sessions, machines := map[string]bool{list[0].Record.ID: true}, false
	for _, n := range list[1:] {
		if sessions[n.Record.ID] {
			continue
		}
		sessions[n.Record.ID] = true
		machines = machines || twoMachines(list[0].Record, n.Record)
		for _, d := range differences(list[0].Record, n.Record) {
			out = append(out, fmt.Sprintf("%s and %s: %s", list[0].Name, n.Name, d))
		}
	}
	if len(sessions) > 1 && len(o.between()) < stats.MinSessions {
		out = append(out, unknownSessions(len(o.between()), machines))
	}
	return out
}
