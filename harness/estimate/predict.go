package estimate

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"epochtime/harness/record"
)

// answer is what the model says of an epoch.
type answer struct {
	batch, full, last int
	seconds           float64
	variance          float64 // of its log, by the fit
	model             float64 // standard deviation of the log, of what the model is off by
	step              float64 // seconds
	own               float64 // share of a step that falls on it whatever its examples
	between           []int   // batches that step is interpolated between; nil: its batch was probed
	nearest           int     // the probed batch that it is nearest to
	furthest          float64
}

// interpolated is what a batch halfway between two probed ones, one the fourfold of the
// other, may be off by: standard deviation, as a share. Between them the time of a step is
// taken to be a line, as it is where only examples cost more.
const interpolated = 0.08

// at returns what the model says of an epoch of what is asked.
func (f *fit) at(a record.Asked) (answer, error) {
	b := batchOf(a)
	out := answer{batch: b, full: a.Samples / b, last: a.Samples % b, model: f.model}
	lower, upper, err := f.around(b)
	if err != nil {
		return out, err
	}
	t0, t1 := f.step[lower], f.step[upper]
	part := 0.0 // of the way from lower to upper
	out.nearest, out.step, out.own = f.batches[lower], t0, f.perStep(b)
	if lower != upper {
		b0, b1 := float64(f.batches[lower]), float64(f.batches[upper])
		part = (float64(b) - b0) / (b1 - b0)
		out.step = (1-part)*t0 + part*t1
		out.own = min(1, max(0, (t0-(t1-t0)/(b1-b0)*b0)/out.step))
		out.between = []int{f.batches[lower], f.batches[upper]}
		out.model = math.Hypot(out.model, interpolated*4*part*(1-part)*math.Log(b1/b0)/math.Log(4))
		if float64(b)/b0 > b1/float64(b) {
			out.nearest = f.batches[upper]
		}
	}
	steps := float64(out.full) + short(out.last, b, out.own)
	out.seconds = f.epoch + steps*out.step
	gradient := mat.NewVecDense(len(f.batches)+1, nil)
	if !f.fixed {
		gradient.SetVec(0, 1)
	}
	gradient.SetVec(lower+1, gradient.AtVec(lower+1)+steps*(1-part))
	gradient.SetVec(upper+1, gradient.AtVec(upper+1)+steps*part)
	out.variance = mat.Inner(gradient, f.inverse, gradient) / (out.seconds * out.seconds)
	longest := 0
	for _, p := range ofBatch(f.points, out.nearest) {
		longest = max(longest, p.full)
	}
	out.furthest = float64(out.full) / float64(max(1, longest))
	return out, nil
}

// around returns the probed batches on both sides of one, twice the same where it was
// probed itself.
func (f *fit) around(batch int) (lower, upper int, err error) {
	if i := f.index(batch); i >= 0 {
		return i, i, nil
	}
	for i := range len(f.batches) - 1 {
		if f.batches[i] < batch && batch < f.batches[i+1] {
			if a, b := f.executor(f.batches[i]), f.executor(f.batches[i+1]); a != b {
				return 0, 0, fmt.Errorf("%w: between batches of %d and %d the executor changes, from %s to %s, and %d is between them",
					ErrProbes, f.batches[i], f.batches[i+1], a, b, batch)
			}
			return i, i + 1, nil
		}
	}
	return 0, 0, fmt.Errorf("%w: batches of %d to %d were probed, and %d is outside, where the time of an example is not known",
		ErrProbes, f.batches[0], f.batches[len(f.batches)-1], batch)
}

// error is the standard error of the log of what one more launch would take.
func (f *fit) error(a answer) float64 {
	return math.Sqrt(f.spread*f.spread + a.variance + a.model*a.model)
}

// leaveOut returns what the model is off by beyond the spread of launches: each point is
// predicted from the others, as in the jackknife+ (Barber et al., Annals of Statistics 49
// (2021) 486), and what exceeds the spread is averaged with what is usual.
func (f *fit) leaveOut() float64 {
	squares, n := usualFreedom*usualModel*usualModel, float64(usualFreedom)
	for i, p := range f.points {
		others := append(append([]point(nil), f.points[:i]...), f.points[i+1:]...)
		if len(others) == 0 {
			continue
		}
		g, err := leastSquares(others)
		if err != nil || g.index(p.batch) < 0 && len(g.batches) < 2 {
			continue
		}
		at, err := g.at(record.Asked{Samples: p.samples, Batch: p.batch, Epochs: 1})
		if err != nil || g.fixed != f.fixed { // the others cannot tell an epoch's cost
			continue
		}
		var mean float64
		for _, l := range p.launches {
			mean += math.Log(l.epoch) / float64(len(p.launches))
		}
		off := mean - math.Log(at.seconds)
		chance := p.spread*p.spread/float64(len(p.launches)) + at.variance
		squares += max(0, off*off-chance)
		n++
	}
	return math.Sqrt(squares / n)
}
