package compare

import (
	"fmt"
	"math"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// Certainty is the level of every interval.
const Certainty = 0.99

// The error rates of a whole job, which its configurations share: how often it
// may call something slower, or faster, where nothing changed. A false "faster"
// may hide a regression, so it is the rarer.
const (
	slowerRate = 0.01
	fasterRate = 0.002
)

// Sides compares two runs of one interleaved session, block by block. Among
// several configurations o.Configurations makes each answer for its part of the
// job's error rate (Bonferroni); Records shares it out more finely. If a run is nil, it
// is inconclusive.
func Sides(base, new *record.Run, o Options) Pair {
	if base == nil || new == nil {
		ratio := stats.RatioByBlocks(nil, nil, Certainty)
		return Pair{Verdict: Inconclusive, Ratio: ratio, Bar: stats.BarOfBlocks(ratio, o.threshold())}
	}
	p, used := byBlocks(base, new, o)
	p.decide(o, used <= 1/float64(max(1, o.Configurations)))
	return p
}

// AB compares the two sides of an ab, as Sides does. It also says if fewer launches were
// made than the record's plan has. It is inconclusive for a record of another kind.
func AB(rec *record.Record, o Options) Pair {
	if rec == nil || rec.Plan.Kind != record.KindAB || len(rec.Runs) != 2 {
		return Sides(nil, nil, o)
	}
	o.asked = rec.Plan.Blocks
	return Sides(&rec.Runs[0], &rec.Runs[1], o)
}

// byBlocks measures a pair. used is the probability of what was found if both
// sides were the same, as a share of the job's error rate.
func byBlocks(base, new *record.Run, o Options) (p Pair, used float64) {
	p = newPair(base, new, o)
	bases, news := stats.LaunchValues(base, p.PerExample), stats.LaunchValues(new, p.PerExample)
	p.Ratio = stats.RatioByBlocks(bases, news, Certainty)
	p.interrupted(base, sideOr(base, "base"))
	p.interrupted(new, sideOr(new, "new"))
	p.cut = cutBlocks(base, new)
	if left := len(bases) + len(news) - 2*p.Ratio.Blocks; left > 0 {
		p.doubt("%s without a partner in the same block, left out of the ratio", count(left, "launch", "launches"))
	}
	if p.Ratio.Blocks < o.asked {
		p.doubt("%d of %d launches per side were measured", p.Ratio.Blocks, o.asked)
	}
	if p.Ratio.Blocks < stats.MinLaunches {
		p.doubt("%s with both sides: a verdict takes %d", count(p.Ratio.Blocks, "block", "blocks"), stats.MinLaunches)
	}
	p.Bar = stats.BarOfBlocks(p.wanted(bases, news, o), o.threshold())
	rate := slowerRate
	if p.Ratio.Median < 1 {
		rate = fasterRate
	}
	equal := stats.EqualByBlocks(stats.LogRatios(bases, news), rate/float64(max(1, o.Configurations)))
	return p, equal / rate
}

// wanted is the interval that has to exclude 1 for a verdict of slower. With several
// configurations it is wider than the pair's own.
func (p Pair) wanted(bases, news []stats.BlockValue, o Options) stats.Ratio {
	certainty := 1 - slowerRate/float64(max(1, o.Configurations))
	if certainty <= Certainty {
		return p.Ratio
	}
	return stats.RatioByBlocks(bases, news, certainty)
}

func newPair(base, new *record.Run, o Options) Pair {
	a, b := examples(base), examples(new)
	return Pair{
		Title: new.Title(), Base: base, New: new, PerExample: a != b && a > 0 && b > 0, Verdict: Inconclusive,
		Failures: failuresOf(base, new, o.oomIsResult), Doubts: noticed(base, new),
	}
}

// cutBlocks returns how many blocks were begun, and lack a launch of either side that
// ended. A launch that failed has ended.
func cutBlocks(base, new *record.Run) int {
	ended, begun := [2]map[int]bool{{}, {}}, map[int]bool{}
	for i, r := range []*record.Run{base, new} {
		for _, l := range r.Launches {
			begun[l.Block] = true
			ended[i][l.Block] = ended[i][l.Block] || l.Status != record.Interrupted
		}
	}
	n := 0
	for block := range begun {
		if !ended[0][block] || !ended[1][block] {
			n++
		}
	}
	return n
}

// examples returns the number of examples of an epoch, 0 where none was measured.
func examples(r *record.Run) int {
	for _, l := range r.Launches {
		if measured := stats.Measured(l); l.Status == record.OK && len(measured) > 0 {
			return measured[0].Samples
		}
	}
	return 0
}

// decide gives the verdict: an interval that excludes 1 is no regression unless the
// change also matters, and a large estimate is none unless it is significant
// (Georges, Buytaert & Eeckhout, OOPSLA 2007, on the first; the second keeps a
// job of many configurations quiet).
func (p *Pair) decide(o Options, significant bool) {
	threshold := o.threshold()
	up, down := 1+threshold, 1/(1+threshold)
	r := p.Ratio
	slower, faster := r.Low > 1 && r.Median > up, r.High < 1 && r.Median < down
	switch {
	case !r.Known():
	case slower && significant:
		p.Verdict = Slower
		return
	case faster && significant && p.cut == 0:
		p.Verdict = Faster
		return
	case p.cut > 0:
		p.doubt("%s a launch of either side that ended: what did not end may be what changed", count(p.cut, "block lacks", "blocks lack"))
	case slower || faster:
		p.doubt("the interval excludes no change, but with less certainty than %s", wanting(faster, o.Configurations))
	case r.Low >= down && r.High <= up:
		p.Verdict = Same
		return
	}
	p.Verdict = Inconclusive
	p.need(o, threshold)
}

// wanting names what takes more certainty than the interval has.
func wanting(faster bool, configurations int) string {
	switch {
	case configurations > 1:
		return fmt.Sprintf("a verdict takes among %d configurations", configurations)
	case faster:
		return fmt.Sprintf("%q takes, %g %%", Faster, 100*(1-fasterRate))
	}
	return "a verdict takes"
}

// need estimates the launches a side that bring the interval to half the
// threshold each way; an interval narrows with the root of its launches.
func (p *Pair) need(o Options, threshold float64) {
	fewest := max(stats.MinLaunches, int(math.Ceil(math.Log2(2*float64(max(1, o.Configurations))/slowerRate))))
	wanted := math.Log1p(threshold) / 2
	blocks, half := float64(p.Ratio.Blocks), math.NaN()
	switch {
	case p.Ratio.Known():
		half = math.Log(p.Ratio.High/p.Ratio.Low) / 2
	case o.Noise != nil && o.Noise.Launches > 0: // of one side; the ratio has that of both
		blocks, half = 1, stats.Resolvable(o.Noise.Launches, 1)
	}
	needed := blocks * (half / wanted) * (half / wanted)
	if math.IsNaN(needed) {
		needed = 0
	}
	p.Needed = max(fewest, int(math.Ceil(math.Min(needed, math.MaxInt32))), p.Ratio.Blocks+1)
}

// NeededSeconds returns how long the needed launches of both sides take, judging by
// those that were done; 0 where that is not known.
func (p Pair) NeededSeconds() float64 {
	return float64(p.Needed) * (launchSeconds(p.Base) + launchSeconds(p.New))
}

// launchSeconds is the mean time of a whole launch.
func launchSeconds(r *record.Run) float64 {
	if r == nil {
		return 0
	}
	total, launches := 0.0, 0
	for _, l := range r.Launches {
		if l.Status != record.OK {
			continue
		}
		total += l.Cold.Seconds()
		for _, e := range l.Epochs {
			total += e.Seconds + e.Validation
		}
		launches++
	}
	if launches == 0 {
		return 0
	}
	return total / float64(launches)
}

// sideOr returns the name of a run's side, such as side A, or else name.
func sideOr(r *record.Run, name string) string {
	if r.Side == "" {
		return name
	}
	return "side " + r.Side
}

// interrupted notes how many launches of a side were interrupted.
func (p *Pair) interrupted(r *record.Run, side string) {
	n := 0
	for _, l := range r.Launches {
		if l.Status == record.Interrupted {
			n++
		}
	}
	if n > 0 {
		p.doubt("%d of %d launches of %s interrupted", n, len(r.Launches), side)
	}
}

func (p *Pair) doubt(format string, args ...any) {
	p.Doubts = append(p.Doubts, fmt.Sprintf(format, args...))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
