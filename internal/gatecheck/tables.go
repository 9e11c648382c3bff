package main

import (
	"fmt"
	"math/rand/v2"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// source draws the configurations of a job that compares A with A.
type source struct {
	name string
	draw func(random *rand.Rand, blocks int) []series
}

// sources returns the recording, and simulations of quiet and noisy machines. Drift
// from block to block is as large as the noise.
func sources(r recorded) []source {
	simulated := func(noise float64, s shape, configurations int) source {
		return source{
			name: fmt.Sprintf("simulated, %g %%, %s, %s", 100*noise, s.name, counted(configurations)),
			draw: func(random *rand.Rand, blocks int) []series {
				var out []series
				for range configurations {
					out = append(out, nested(random, blocks, noise, noise, s))
				}
				return out
			},
		}
	}
	out := []source{{
		name: fmt.Sprintf("this machine, recorded, %s", counted(len(r.graphs()))),
		draw: func(random *rand.Rand, blocks int) []series { return r.resample(random, blocks, r.graphs()) },
	}}
	for _, s := range shapes {
		out = append(out, simulated(0.10, s, 3))
	}
	return append(out, simulated(0.10, shapes[0], 20), simulated(0.02, shapes[0], 1), simulated(0.02, shapes[0], 20))
}

func counted(n int) string {
	if n == 1 {
		return "1 configuration"
	}
	return fmt.Sprintf("%d configurations", n)
}

// judge compares a job as two records of one session.
func judge(job []series) (*compare.Comparison, error) {
	base, new := &record.Record{ID: "a"}, &record.Record{ID: "a"}
	for i, s := range job {
		name := fmt.Sprintf("graph%d", i)
		a, b := run(name, s.base), run(name, s.new)
		for k := range b.Launches {
			b.Launches[k].Order = 1 // the second of its block, to be another launch even where it takes the same time
		}
		base.Runs, new.Runs = append(base.Runs, a), append(new.Runs, b)
	}
	return compare.Records(base, new, compare.Options{})
}

// verdicts returns the share of tries in which a pair of the job has one of the wanted
// verdicts.
func verdicts(tries, blocks int, slowdown float64, s source, seed uint64, wanted ...compare.Verdict) (share float64, err error) {
	random := rand.New(rand.NewPCG(seed, uint64(blocks)))
	found := 0
	for range tries {
		job := s.draw(random, blocks)
		for i := range job {
			job[i] = job[i].slowed(slowdown)
		}
		c, err := judge(job)
		if err != nil {
			return 0, err
		}
		if has(c, wanted) {
			found++
		}
	}
	return float64(found) / float64(tries), nil
}

func has(c *compare.Comparison, wanted []compare.Verdict) bool {
	for _, p := range c.Pairs {
		for _, v := range wanted {
			if p.Verdict == v {
				return true
			}
		}
	}
	return false
}

// launches are the numbers of launches per side in the tables.
var launches = []int{6, 10, 20, 40}

// falseAlarms returns the table of jobs that compare A with A: the share in which any
// configuration is slower, and slower or faster.
func falseAlarms(r recorded, tries int, seed uint64) (string, error) {
	var out rows
	out.header("jobs, A against A", counts(launches, "launches"))
	for _, s := range sources(r) {
		row := []string{s.name}
		for _, n := range launches {
			alarms, err := verdicts(tries, n, 0, s, seed, compare.Slower)
			if err != nil {
				return "", err
			}
			either, err := verdicts(tries, n, 0, s, seed, compare.Slower, compare.Faster)
			if err != nil {
				return "", err
			}
			row = append(row, fmt.Sprintf("%s (%s)", percent(alarms), percent(either)))
		}
		out.line(row)
	}
	return out.String(), nil
}

// wrong returns the table of comparisons with a slower new side: the share that are
// faster or same.
func wrong(r recorded, tries int, seed uint64) (string, error) {
	var out rows
	out.header("slowdown, machine", counts(launches, "launches"))
	for _, slowdown := range []float64{0.10, 0.20} {
		for _, s := range singles(r) {
			row := []string{fmt.Sprintf("%.0f %%, %s", 100*slowdown, s.name)}
			for _, n := range launches {
				share, err := verdicts(tries, n, slowdown, s, seed, compare.Faster, compare.Same)
				if err != nil {
					return "", err
				}
				row = append(row, percent(share))
			}
			out.line(row)
		}
	}
	return out.String(), nil
}

// spreads are how far launches differ on machines from quiet to noisy.
var spreads = []float64{0.02, 0.09, 0.20}

// singles returns sources with one configuration.
func singles(r recorded) []source {
	var out []source
	for _, noise := range spreads {
		out = append(out, simulated(noise, shapes[0]))
	}
	for _, graph := range r.graphs() {
		out = append(out, source{
			name: "this machine, " + graph,
			draw: func(random *rand.Rand, blocks int) []series { return r.resample(random, blocks, []string{graph}) },
		})
	}
	return out
}

// shaped returns sources whose launches are not normal.
func shaped() []source {
	var out []source
	for _, s := range shapes[1:] {
		out = append(out, simulated(0.09, s))
	}
	return out
}

func simulated(noise float64, s shape) source {
	name := fmt.Sprintf("simulated, %g %%", 100*noise)
	if s.name != shapes[0].name {
		name += ", " + s.name
	}
	return source{name: name, draw: func(random *rand.Rand, blocks int) []series {
		return []series{nested(random, blocks, noise, noise, s)}
	}}
}

// largest is the largest slowdown that is tried, in percent.
const largest = 1000

// smallest returns the table of the smallest slowdowns that are slower in 95 % of
// the tries.
func smallest(sources []source, known *truths) (string, error) {
	var out rows
	out.header("machine", counts(launches, "launches"))
	for _, s := range sources {
		row := []string{s.name}
		for _, n := range launches {
			least, err := known.of(s, n)
			if err != nil {
				return "", err
			}
			text := fmt.Sprintf("%.0f %%", 100*least)
			if 100*least > largest {
				text = fmt.Sprintf("> %d %%", largest)
			}
			row = append(row, text)
		}
		out.line(row)
	}
	return out.String(), nil
}

// found returns the smallest slowdown with a power of 95 %, in steps of 0.1 %.
// Bisection works because the power grows with the slowdown when the random numbers
// are the same.
func found(tries, blocks int, s source, seed uint64) (float64, error) {
	const steps = 1000 // of a slowdown by 100 %
	low, high := 0, largest*steps/100+1
	for high-low > 1 {
		middle := (low + high) / 2
		share, err := verdicts(tries, blocks, float64(middle)/steps, s, seed, slower...)
		if err != nil {
			return 0, err
		}
		if share >= power {
			high = middle
		} else {
			low = middle
		}
	}
	return float64(high) / steps, nil
}

// coverage returns the table of the coverage of intervals: of the median, and of the
// ratio by several methods.
func coverage(tries int, seed uint64) (string, error) {
	sizes := []int{6, 10, 20}
	var out rows
	out.header("95 % interval, launches that are", counts(sizes, "launches"))
	for _, s := range shapes {
		row := []string{"median by order statistics, " + s.name}
		for _, n := range sizes {
			row = append(row, percent(coverMedian(tries, n, s, seed)))
		}
		out.line(row)
	}
	for _, m := range methods {
		for _, s := range shapes {
			row := []string{fmt.Sprintf("ratio: %s, %s", m.name, s.name)}
			for _, n := range sizes {
				row = append(row, percent(coverRatio(tries, n, m, s, seed)))
			}
			out.line(row)
		}
	}
	return out.String(), nil
}

// coverRatio returns the share of tries in which the interval contains the true ratio,
// 1.
func coverRatio(tries, blocks int, m method, s shape, seed uint64) float64 {
	random := rand.New(rand.NewPCG(seed, uint64(blocks)))
	covered := 0
	for range tries {
		low, high := m.interval(random, nested(random, blocks, 0.05, 0.05, s), stats.Confidence)
		if low <= 0 && 0 <= high {
			covered++
		}
	}
	return float64(covered) / float64(tries)
}

// coverMedian returns the share of tries in which a run's interval contains the true
// median of launches, which is that of a large sample.
func coverMedian(tries, blocks int, s shape, seed uint64) float64 {
	random := rand.New(rand.NewPCG(seed, uint64(blocks)))
	many := make([]float64, 200_000)
	for i := range many {
		many[i] = launch(random, 0, 0.05, s)
	}
	truth := middle(many)
	covered := 0
	for range tries {
		r := run("g", nested(random, blocks, 0.05, 0, s).base)
		summary, _ := stats.Summarize(&r)
		if i := summary.EpochSeconds; float64(i.Low) <= truth && truth <= float64(i.High) {
			covered++
		}
	}
	return float64(covered) / float64(tries)
}

// between returns the table of false alarms of A against A in two sessions that differ.
func between(tries int, seed uint64) (string, error) {
	var out rows
	known := []int{8, 12, 30}
	out.header("two sessions of 10 launches", counts(known, "known A/A"))
	for _, configurations := range []int{1, 10} {
		for _, sd := range []float64{0.02, 0.10, 0.30} {
			row := []string{fmt.Sprintf("sessions differ by %g %%, launches by 5 %%, %s", 100*sd, counted(configurations))}
			for _, n := range known {
				share, err := acrossAlarms(tries, n, configurations, sd, seed)
				if err != nil {
					return "", err
				}
				row = append(row, percent(share))
			}
			out.line(row)
		}
	}
	return out.String(), nil
}

// acrossAlarms returns the share of jobs over two sessions in which a side is slower.
func acrossAlarms(tries, known, configurations int, sd float64, seed uint64) (float64, error) {
	random := rand.New(rand.NewPCG(seed, uint64(known)))
	session := func() []float64 {
		level := sd * random.NormFloat64()
		out := make([]float64, 10)
		for i := range out {
			out[i] = launch(random, level, 0.05, shapes[0])
		}
		return out
	}
	alarms := 0
	for range tries {
		noise := &compare.Noise{}
		for range known {
			r := stats.RatioAcross(values(session()), values(session()), nil, compare.Certainty)
			noise.Sessions = append(noise.Sessions, logOf(r.Median))
		}
		base, new := &record.Record{ID: "a"}, &record.Record{ID: "b"}
		for i := range configurations {
			name := fmt.Sprintf("graph%d", i)
			base.Runs, new.Runs = append(base.Runs, run(name, session())), append(new.Runs, run(name, session()))
		}
		c, err := compare.Records(base, new, compare.Options{Noise: noise})
		if err != nil {
			return 0, err
		}
		if c.Verdict() == compare.Slower {
			alarms++
		}
	}
	return float64(alarms) / float64(tries), nil
}
