package fleet

import (
	"math"
	"slices"

	"epochtime/harness/price"
	"epochtime/harness/record"
)

// Certain is the probability from which one machine counts as better than another.
// Below it they are tied.
const Certain = 0.95

// Place is where a machine stands.
type Place struct {
	Rank     int     // machines that are better with Certain probability, and 1; 0: it has no rank
	First    float64 // probability of being first; NaN without a rank
	Beaten   float64 // probability that the best is better than it; NaN without a rank
	Relative float64 // how good it is against the best: 1, or less; NaN where that is not known
	Why      string  // it has no rank
}

// Tied reports whether the machine is not the only first.
func (p Place) Tied(all []Place) bool {
	n := 0
	for _, o := range all {
		if o.Rank == p.Rank {
			n++
		}
	}
	return p.Rank > 0 && n > 1
}

// Why a machine has no rank.
const (
	whyNone   = "not measured"
	whyFailed = "every launch failed"
	whyOne    = "one launch: nothing tells how sure its time is"
	whyPrice  = "no price"
	whyFree   = "its price is 0"
	whyMixed  = "prices in several currencies are not ranked"
	whyJoules = "energy was not readable"
	whyAlone  = "no other machine of this model has a rank"
)

// rank ranks the machines in each row, and over all rows.
func (f *Fleet) rank() {
	mixed := f.mixed()
	for _, r := range f.Rows {
		r.PerExample = r.differInExamples()
		r.rank(f.Rank, mixed)
	}
	given := f.over(false)
	if given != nil {
		f.Overall = append(f.Overall, given)
	}
	if slices.ContainsFunc(f.Rows, func(r *Row) bool { return r.Best }) {
		if best := f.over(true); best != nil {
			f.Overall = append(f.Overall, best)
		}
	}
}

// mixed reports whether prices are in several currencies.
func (f *Fleet) mixed() bool {
	var first string
	for _, m := range f.Machines {
		switch {
		case m.Price == nil:
		case first == "":
			first = m.Price.Currency
		case first != m.Price.Currency:
			return true
		}
	}
	return false
}

// differInExamples reports whether epochs of the row's cells have different numbers of
// examples.
func (r *Row) differInExamples() bool {
	first := 0.0
	for _, c := range r.Cells {
		if c == nil {
			continue
		}
		for _, n := range c.launches(func(l record.Launch) (float64, bool) { return examples(l), true }) {
			if first == 0 {
				first = n
			}
			if n != first {
				return true
			}
		}
	}
	return false
}

// measured returns the quantity by which the machines of a row are ranked, and why one of
// them has none.
func (r *Row) measured(by Measure, c *Cell, mixed bool) (q quantity, why string) {
	switch {
	case c == nil || len(c.Runs) == 0:
		return nil, whyNone
	case !c.ok():
		return nil, whyFailed
	}
	q = seconds
	switch by {
	case Cost:
		switch {
		case c.Machine.Price == nil:
			return nil, whyPrice
		case c.Machine.Price.PerHour == 0:
			return nil, whyFree
		case mixed:
			return nil, whyMixed
		}
		q = costs(*c.Machine.Price)
	case Energy:
		if q = joules; len(c.launches(q)) == 0 {
			return nil, whyJoules
		}
	}
	if r.PerExample {
		q = perExample(q)
	}
	return q, ""
}

// costs is the price of an epoch, with the validation behind it.
func costs(p record.Price) quantity {
	return func(l record.Launch) (float64, bool) {
		s, ok := paid(l)
		return price.PerEpoch(p, s), ok
	}
}

// rank fills the row's places.
func (r *Row) rank(by Measure, mixed bool) {
	r.Places = make([]Place, len(r.Cells))
	r.samples = make([]*sample, len(r.Cells))
	medians := make([]float64, len(r.Cells))
	for i, c := range r.Cells {
		q, why := r.measured(by, c, mixed)
		r.Places[i] = unranked(why)
		medians[i] = math.NaN()
		if why != "" {
			continue
		}
		middle, _ := c.interval(q)
		medians[i] = middle.Median
		keys, values := c.typical(q, logMean)
		if s, ok := newSample(c.level(q), keys, logs(values)); ok {
			r.samples[i] = &s
		} else {
			r.Places[i].Why = whyOne
		}
	}
	relate(r.Places, medians)
	moderate(r.samples)
	estimates := make([]*estimate, len(r.samples))
	for i, s := range r.samples {
		if s != nil {
			e := s.estimate()
			estimates[i] = &e
		}
	}
	r.medians = medians
	place(r.Places, estimates)
}

// logMean is the geometric mean of values.
func logMean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}

func logs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}

func unranked(why string) Place {
	return Place{First: math.NaN(), Beaten: math.NaN(), Relative: math.NaN(), Why: why}
}

// relate sets how good each machine is against the best.
func relate(places []Place, medians []float64) {
	least := math.Inf(1)
	for _, m := range medians {
		if m < least {
			least = m
		}
	}
	for i, m := range medians {
		if !math.IsNaN(m) {
			places[i].Relative = least / m
		}
	}
}

// place ranks the machines of which there are estimates; others keep their places.
func place(places []Place, estimates []*estimate) {
	var at []int
	var known []estimate
	for i, e := range estimates {
		if e != nil {
			at, known = append(at, i), append(known, *e)
		}
	}
	if len(known) < 2 {
		for _, i := range at {
			places[i].Why = whyAlone
		}
		return
	}
	drawn := draw(known, draws)
	first := firsts(drawn)
	best := slices.Index(first, slices.Max(first))
	for k, i := range at {
		places[i].First, places[i].Rank = first[k], 1
		for other := range known {
			if other != k && beats(drawn, other, k) >= Certain {
				places[i].Rank++
			}
		}
		places[i].Beaten = beats(drawn, best, k)
	}
}
