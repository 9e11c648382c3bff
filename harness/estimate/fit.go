package estimate

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// fit is the model, fitted to points.
type fit struct {
	points   []point
	batches  []int // probed, rising
	epoch    float64
	step     []float64 // of each batch
	fixed    bool      // epoch is not a parameter: it is 0, because sizes do not tell it apart
	inverse  *mat.Dense
	spread   float64 // between launches of long probes: standard deviation of the log
	freedom  float64 // with which that is known
	launches int
	model    float64 // standard deviation of what the model is off by beyond spread
}

// Constants of the fit. docs/estimate.md has the experiment that the usual ones are from.
const (
	huber      = 1.345 // residual, in spreads, from which a launch counts less: 95 % efficient for normal ones
	iterations = 20

	leastSpread = 0.005 // below it, launches are not told apart: a clock and its readers differ as much
	surprising  = 0.1   // of equal spreads, the share that is taken for different ones

	usualModel   = 0.03 // what the model is off by where nothing tells, as a share
	usualFreedom = 4    // points left out that this counts as much as
)

// fitted fits the model to points. Points are of one graph, and not empty.
func fitted(points []point) (*fit, error) {
	points = slices.Clone(points)
	spread, freedom := setSpread(points)
	f, err := leastSquares(points)
	if err != nil {
		return nil, err
	}
	f.spread, f.freedom = spread, freedom
	f.model = f.leaveOut()
	return f, nil
}

// leastSquares fits the model to points whose spread is set.
func leastSquares(points []point) (*fit, error) {
	f := &fit{points: points}
	sizes := map[int]int{}
	for _, p := range points {
		if !slices.Contains(f.batches, p.batch) {
			f.batches = append(f.batches, p.batch)
		}
		f.launches += len(p.launches)
		sizes[p.batch]++
	}
	f.fixed = true
	for _, n := range sizes {
		f.fixed = f.fixed && n < 2
	}
	if err := f.solve(); err != nil {
		return nil, err
	}
	if f.epoch < 0 { // noise: no epoch costs less than nothing
		f.fixed = true
		return f, f.solve()
	}
	return f, nil
}

// setSpread sets the spread between launches of each point. It is pooled over all points,
// or where short and long ones clearly differ, over the longest points of each batch and
// over the others: moments of disturbance average out in a long epoch, and make a short
// one half as long again. It returns that of the long ones, which are nearest to what is
// asked, and with which degrees of freedom it is known.
func setSpread(points []point) (long, freedom float64) {
	longest := func(p point) bool {
		return !slices.ContainsFunc(points, func(q point) bool { return q.batch == p.batch && q.samples > p.samples })
	}
	long, freedom = pooled(points, longest)
	short, others := pooled(points, func(p point) bool { return !longest(p) })
	if !differ(short, others, long, freedom) {
		long, freedom = pooled(points, func(point) bool { return true })
		short = long
	}
	for i, p := range points {
		points[i].spread = max(long, leastSpread)
		if !longest(p) {
			points[i].spread = max(short, leastSpread)
		}
	}
	return long, freedom
}

// differ reports whether two standard deviations, with the degrees of freedom from which
// they are known, differ by more than chance does in surprising of cases (the F test).
func differ(a, freedomOfA, b, freedomOfB float64) bool {
	if freedomOfA == 0 || freedomOfB == 0 {
		return false
	}
	f := distuv.F{D1: freedomOfA, D2: freedomOfB}
	ratio := max(a, leastSpread) / max(b, leastSpread)
	ratio *= ratio
	return ratio > f.Quantile(1-surprising/2) || ratio < f.Quantile(surprising/2)
}

// pooled is the standard deviation of the log between launches of the same point, of the
// points for which of returns true.
func pooled(points []point, of func(point) bool) (spread, freedom float64) {
	squares := 0.0
	for _, p := range points {
		var logs []float64
		for _, l := range p.launches {
			logs = append(logs, math.Log(l.epoch))
		}
		if n := float64(len(logs)); n > 1 && of(p) {
			squares += (n - 1) * stat.Variance(logs, nil)
			freedom += n - 1
		}
	}
	if freedom == 0 {
		return 0, 0
	}
	return math.Sqrt(squares / freedom), freedom
}

// solve finds the parameters by relative least squares, in which a point counts by its
// spread, with Huber's weights, anew for each estimate of what the points take.
func (f *fit) solve() error {
	f.epoch, f.step = 0, make([]float64, len(f.batches))
	expected := make([]float64, len(f.points))
	for i, p := range f.points {
		expected[i] = stats.Median(values(f.points[i:i+1], func(l launch) float64 { return l.epoch }))
		f.step[f.index(p.batch)] = expected[i] / f.steps(p.full, p.last, p.batch)
	}
	for range iterations {
		n := len(f.batches) + 1
		normal, right := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
		for i, p := range f.points {
			row := f.row(p)
			row.ScaleVec(1/expected[i], row)
			for _, l := range p.launches {
				y := l.epoch / expected[i]
				w := weight((y-1)/p.spread) / (p.spread * p.spread)
				var outer mat.Dense
				outer.Outer(w, row, row)
				normal.Add(normal, &outer)
				right.AddScaledVec(right, w*y, row)
			}
		}
		if f.fixed {
			normal.Set(0, 0, 1)
		}
		f.inverse = new(mat.Dense)
		if err := f.inverse.Inverse(normal); err != nil {
			return fmt.Errorf("%w: their sizes do not tell what a step takes", ErrProbes)
		}
		var parameters mat.VecDense
		parameters.MulVec(f.inverse, right)
		f.epoch = parameters.AtVec(0)
		for k := range f.step {
			f.step[k] = parameters.AtVec(k + 1)
			if !(f.step[k] > 0) {
				return fmt.Errorf("%w: at batch %d more examples take no more time", ErrProbes, f.batches[k])
			}
		}
		for i, p := range f.points {
			expected[i] = f.row(p).AtVec(0)*f.epoch + f.steps(p.full, p.last, p.batch)*f.step[f.index(p.batch)]
			if !(expected[i] > 0) {
				return fmt.Errorf("%w: what they took contradicts itself", ErrProbes)
			}
		}
	}
	return nil
}

// weight is Huber's, of a residual in spreads.
func weight(residual float64) float64 {
	if r := math.Abs(residual); r > huber {
		return huber / r
	}
	return 1
}

// row is the point's coefficients of the parameters: the epoch's cost, and each batch's
// step.
func (f *fit) row(p point) *mat.VecDense {
	row := mat.NewVecDense(len(f.batches)+1, nil)
	if !f.fixed {
		row.SetVec(0, 1)
	}
	row.SetVec(f.index(p.batch)+1, f.steps(p.full, p.last, p.batch))
	return row
}

func (f *fit) index(batch int) int { return slices.Index(f.batches, batch) }

// steps returns an epoch in steps of the batch. The short last one counts as much as what
// it takes.
func (f *fit) steps(full, last, batch int) float64 {
	return float64(full) + short(last, batch, f.perStep(batch))
}

// short is what a step of fewer examples takes, as a share of one of the whole batch, of
// which own falls on every step.
func short(last, batch int, own float64) float64 {
	if last == 0 {
		return 0
	}
	return own + (1-own)*float64(last)/float64(batch)
}

// perStep is the share of a step at a batch that falls on it whatever its examples: where
// the line through its time and that of the nearest other batch begins. It is 0 where
// there is no other batch that is run alike.
func (f *fit) perStep(batch int) float64 {
	i := f.index(batch)
	if i < 0 || f.step[i] <= 0 {
		return 0
	}
	best, distance := -1, math.Inf(1)
	for k, b := range f.batches {
		apart := math.Abs(math.Log(float64(b) / float64(batch)))
		if k != i && f.step[k] > 0 && apart < distance && f.executor(b) == f.executor(batch) {
			best, distance = k, apart
		}
	}
	if best < 0 {
		return 0
	}
	each := (f.step[i] - f.step[best]) / float64(batch-f.batches[best])
	return min(1, max(0, 1-each*float64(batch)/f.step[i]))
}

func (f *fit) executor(batch int) string { return ofBatch(f.points, batch)[0].executor }

// interval is a prediction interval around seconds, for a standard error of the log. There
// is none where no point has two launches.
func (f *fit) interval(seconds, relative float64) record.Interval {
	out := record.Interval{Median: seconds, Low: record.Number(math.NaN()), High: record.Number(math.NaN())}
	if f.freedom == 0 {
		return out
	}
	far := math.Exp(distuv.StudentsT{Sigma: 1, Nu: f.freedom}.Quantile((1+Confidence)/2) * relative)
	out.Low, out.High, out.Confidence = record.Number(seconds/far), record.Number(seconds*far), Confidence
	return out
}
