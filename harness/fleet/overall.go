package fleet

import (
	"math"
	"slices"
)

// Overall ranks the machines by the geometric mean over the models that they share.
type Overall struct {
	Best    bool // with the best settings of each machine, where they are known
	Rows    []*Row
	Places  []Place
	LeftOut []LeftOut
}

// LeftOut is a model that is not in an overall ranking, because machines lack it.
type LeftOut struct {
	Row     *Row
	Lacking []*Machine
}

// over ranks over the rows that the machines share: the given settings, or the best ones
// and the given ones where a model has only these. It returns nil where there is nothing
// to rank.
func (f *Fleet) over(best bool) *Overall {
	o := &Overall{Best: best}
	var all []*Row
	for _, r := range f.Rows {
		if r.Best == best || best && !f.hasBest(r) {
			all = append(all, r)
		}
	}
	for _, r := range all {
		if lacking := f.lacking(r, all); len(lacking) == 0 {
			o.Rows = append(o.Rows, r)
		} else if len(lacking) < len(f.Machines) {
			o.LeftOut = append(o.LeftOut, LeftOut{r, lacking})
		}
	}
	if len(o.Rows) == 0 || len(f.Machines) < 2 {
		return nil
	}
	o.rank(f.Machines)
	return o
}

func (o *Overall) rank(machines []*Machine) {
	if len(o.Rows) == 1 { // the same again
		o.Places = slices.Clone(o.Rows[0].Places)
		return
	}
	o.Places = make([]Place, len(machines))
	scores, medians := make([]*sample, len(machines)), make([]float64, len(machines))
	for i := range machines {
		why := ""
		medians[i], why = o.geometricMean(i)
		o.Places[i] = unranked(why)
		if why == "" {
			scores[i] = o.score(i)
		}
	}
	relate(o.Places, medians)
	moderate(scores)
	estimates := make([]*estimate, len(machines))
	for i := range machines {
		if o.Places[i].Why == "" {
			estimates[i] = o.estimate(i, scores[i])
		}
	}
	place(o.Places, estimates)
}

// hasBest reports whether there is a row of best settings of a row's graph.
func (f *Fleet) hasBest(r *Row) bool {
	return slices.ContainsFunc(f.Rows, func(o *Row) bool { return o.Best && o.Title == r.Title })
}

// lacking returns the machines without the measure in a row, but for those that have
// none in any row.
func (f *Fleet) lacking(r *Row, all []*Row) []*Machine {
	var out []*Machine
	for i, m := range f.Machines {
		known := func(r *Row) bool { return !math.IsNaN(r.medians[i]) }
		if !known(r) && slices.ContainsFunc(all, known) {
			out = append(out, m)
		}
	}
	return out
}

// geometricMean is that of the medians of a machine's measure over the rows; why tells
// what is missing for it, or for a rank.
func (o *Overall) geometricMean(machine int) (mean float64, why string) {
	sum := 0.0
	for _, r := range o.Rows {
		if math.IsNaN(r.medians[machine]) {
			return math.NaN(), r.Places[machine].Why
		}
		if r.samples[machine] == nil {
			why = whyOne
		}
		sum += math.Log(r.medians[machine])
	}
	return math.Exp(sum / float64(len(o.Rows))), why
}

// score is the mean over the rows for each session or unit, whose differences go
// through all models alike; nil where the rows are not of the same sessions or units.
func (o *Overall) score(machine int) *sample {
	first := o.Rows[0].samples[machine]
	if first.level == Launches {
		return nil
	}
	means := make([]float64, len(first.keys))
	for _, r := range o.Rows {
		s := r.samples[machine]
		if s.level != first.level || !slices.Equal(s.keys, first.keys) {
			return nil
		}
		for k, v := range s.values {
			means[k] += v / float64(len(o.Rows))
		}
	}
	s, _ := newSample(first.level, first.keys, means)
	return &s
}

// estimate is that of the mean over the rows: of the score, else of all rows' errors,
// which are then independent.
func (o *Overall) estimate(machine int, score *sample) *estimate {
	if score != nil {
		e := score.estimate()
		return &e
	}
	var list []estimate
	for _, r := range o.Rows {
		list = append(list, r.samples[machine].estimate())
	}
	out := meanOf(list)
	return &out
}
