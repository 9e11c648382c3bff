package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"epochtime/harness/record"
)

// How the end of a long launch is compared with its beginning. Epochs of one process
// depend on each other, so that their means over consecutive batches are compared, which
// hardly do (batch means: Law & Carson, Oper. Res. 27 (1979) 1011). More than some ten
// batches gain little (Schmeiser, Oper. Res. 30 (1982) 556).
const (
	partOfWhole  = 0.25 // of the time, that the beginning and the end have each
	longestPart  = 300  // seconds
	batches      = 10
	fewest       = 5    // batches that an interval takes
	slowMatters  = 0.02 // change of epoch time that is a verdict
	holds        = 0.05 // within which all of the interval has to be for a speed to hold
	batchesWhole = 40   // of the whole time, among which the change is looked for
)

// Pace is how the speed of a long launch ends, against how it began.
type Pace string

// What Sustained.Pace may be.
const (
	PaceHolds   Pace = "holds"
	PaceSlower  Pace = "slower"
	PaceFaster  Pace = "faster"
	PaceUnclear Pace = "unclear"
)

// Sustained is the end of a long launch against its beginning. Times are seconds.
type Sustained struct {
	Seconds float64 // from the first measured epoch to the end of the last
	Epochs  int     // measured
	Part    float64 // that the beginning and the end have each
	First   float64 // mean epoch of the beginning
	Last    float64 // mean epoch of the end
	Ratio   Ratio   // last over first; Blocks is the batches of each. It has no interval where epochs are few
	Pace    Pace
	Changed float64 // from the first epoch to where the speed changed
}

// SustainedOf compares the end of a launch with its beginning, also of one that was
// interrupted. It reports false where no epoch was measured.
func SustainedOf(l record.Launch) (Sustained, bool) {
	epochs := timed(Measured(l))
	if len(epochs) == 0 {
		return Sustained{}, false
	}
	begin := epochs[0].Start
	s := Sustained{Seconds: end(epochs[len(epochs)-1]) - begin, Epochs: max(len(epochs), l.EpochsDone)}
	s.Part = min(partOfWhole*s.Seconds, longestPart)
	var first, last []record.Epoch
	for _, e := range epochs {
		if e.Start-begin < s.Part {
			first = append(first, e)
		}
		if end(e) > begin+s.Seconds-s.Part {
			last = append(last, e)
		}
	}
	s.First, s.Last = mean(first), mean(last)
	s.Ratio = ratioOfParts(first, last)
	s.Pace = paceOf(s.Ratio)
	if s.Pace == PaceSlower || s.Pace == PaceFaster {
		s.Changed = changedAt(epochs) - begin
	}
	return s, true
}

// timed are the epochs whose times can be compared.
func timed(epochs []record.Epoch) []record.Epoch {
	return slices.DeleteFunc(epochs, func(e record.Epoch) bool { return !(e.Seconds > 0) || math.IsInf(e.Seconds, 0) })
}

// end is when an epoch ended, with its validation.
func end(e record.Epoch) float64 { return e.Start + e.Seconds + e.Validation }

func mean(epochs []record.Epoch) float64 {
	sum := 0.0
	for _, e := range epochs {
		sum += e.Seconds
	}
	return sum / float64(len(epochs))
}

// ratioOfParts compares the means of batches on a logarithmic scale, by Welch's interval.
func ratioOfParts(first, last []record.Epoch) Ratio {
	a, b := batchMeans(first, batches), batchMeans(last, batches)
	out := Ratio{Median: mean(last) / mean(first), Low: math.NaN(), High: math.NaN(), Blocks: min(len(a), len(b))}
	if out.Blocks < fewest {
		return out
	}
	va, vb := stat.Variance(a, nil)/float64(len(a)), stat.Variance(b, nil)/float64(len(b))
	between := stat.Mean(b, nil) - stat.Mean(a, nil)
	reach := 0.0
	if va+vb > 0 {
		freedom := (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
		reach = distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile((1+Confidence)/2) * math.Sqrt(va+vb)
	}
	out.Median, out.Low, out.High = math.Exp(between), math.Exp(between-reach), math.Exp(between+reach)
	out.Confidence = Confidence
	return out
}

// batchMeans returns the logarithms of the means of at most n batches of consecutive
// epochs, as many in each, but for a rest that is left out.
func batchMeans(epochs []record.Epoch, n int) []float64 {
	each := max(1, len(epochs)/n)
	var out []float64
	for batch := range slices.Chunk(epochs, each) {
		if len(batch) == each && len(out) < n {
			out = append(out, math.Log(mean(batch)))
		}
	}
	return out
}

func paceOf(r Ratio) Pace {
	switch {
	case !r.Known():
		return PaceUnclear
	case r.Low > 1 && r.Median >= 1+slowMatters:
		return PaceSlower
	case r.High < 1 && r.Median <= 1/(1+slowMatters):
		return PaceFaster
	case r.Low >= 1/(1+holds) && r.High <= 1+holds:
		return PaceHolds
	}
	return PaceUnclear
}

// changedAt returns when the speed changed: where the best cut of all epochs into two
// levels is.
func changedAt(epochs []record.Epoch) float64 {
	n := min(batchesWhole, len(epochs))
	values := batchMeans(epochs, n)
	best, cut := math.Inf(1), 1
	for i := 1; i < len(values); i++ {
		if off := squares(values[:i]) + squares(values[i:]); off < best {
			best, cut = off, i
		}
	}
	return epochs[min(cut*max(1, len(epochs)/n), len(epochs)-1)].Start
}

// squares is the sum of squares around the mean.
func squares(values []float64) float64 {
	middle, sum := stat.Mean(values, nil), 0.0
	for _, v := range values {
		sum += (v - middle) * (v - middle)
	}
	return sum
}

// Slice is a part of a long launch. What is not known of the machine is 0.
type Slice struct {
	From, To  float64 // seconds since the first measured epoch
	Epochs    int     // that ended in it, of those that are kept
	Seconds   float64 // their median; NaN for none
	Clock     float64 // MHz, mean of the readings
	Heat      float64 // °C, the highest of the CPU
	Throttled int64   // times that heat slowed the CPU
	GPUClock  float64 // MHz, mean over accelerators
	GPUHeat   float64 // °C, the highest
	Watts     float64 // of all domains, mean of the readings
}

// Slices divides the measured epochs of a launch into n parts of the same time.
func Slices(l record.Launch, n int) []Slice {
	epochs := timed(Measured(l))
	if len(epochs) == 0 || n < 1 {
		return nil
	}
	begin := epochs[0].Start
	each := (end(epochs[len(epochs)-1]) - begin) / float64(n)
	out := make([]Slice, n)
	seconds := make([][]float64, n)
	readings := make([][]record.Reading, n)
	place := func(at float64) int { return min(max(int((at-begin)/each), 0), n-1) }
	for _, e := range epochs {
		i := place(e.Start + e.Seconds/2)
		seconds[i] = append(seconds[i], e.Seconds)
	}
	for _, r := range during(l) {
		i := place(r.At - l.Cold.Start)
		readings[i] = append(readings[i], r)
	}
	before := int64(-1)
	for i := range out {
		out[i] = Slice{From: float64(i) * each, To: float64(i+1) * each, Epochs: len(seconds[i]), Seconds: math.NaN()}
		if len(seconds[i]) > 0 {
			out[i].Seconds = middle(seconds[i])
		}
		before = out[i].conditions(readings[i], before)
	}
	return out
}

// conditions fills in what the readings of a slice say. before is how often heat slowed
// the CPU until then, or negative for the first readings; it returns the same for the next.
func (s *Slice) conditions(list []record.Reading, before int64) int64 {
	var clocks, gpuClocks, watts []float64
	for _, r := range list {
		if r.Clock > 0 {
			clocks = append(clocks, r.Clock)
		}
		s.Heat = max(s.Heat, r.Temperature)
		for _, g := range r.GPUs {
			if g.Clock > 0 {
				gpuClocks = append(gpuClocks, g.Clock)
			}
			s.GPUHeat = max(s.GPUHeat, g.Temperature)
		}
		if w := power(r); w > 0 {
			watts = append(watts, w)
		}
		if before >= 0 {
			s.Throttled += max(0, r.Throttled-before)
		}
		before = r.Throttled
	}
	s.Clock, s.GPUClock, s.Watts = meanOf(clocks), meanOf(gpuClocks), meanOf(watts)
	return before
}

// power is that of all domains of a reading, in watts.
func power(r record.Reading) float64 {
	cpu, platform, gpus := 0.0, 0.0, 0.0
	for _, p := range r.Power {
		if p.Domain == record.DomainPlatform {
			platform += p.Watts
		} else {
			cpu += p.Watts
		}
	}
	for _, g := range r.GPUs {
		gpus += g.Power
	}
	if cpu == 0 {
		cpu = platform
	}
	return cpu + gpus
}

// meanOf is 0 for no values.
func meanOf(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return stat.Mean(values, nil)
}
