package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"epochtime/harness/compare"
	"epochtime/harness/stats"
	"epochtime/internal/slowed"
)

//go:embed testdata/slowed.json
var slowedText []byte

// slowing is a recorded session in which side B was slowed by a known share.
type slowing struct{ slowed.Session }

func readSlowed() ([]slowing, error) {
	r, err := slowed.Read(bytes.NewReader(slowedText))
	if err != nil {
		return nil, fmt.Errorf("testdata/slowed.json: %w", err)
	}
	var out []slowing
	for _, s := range r.Sessions {
		out = append(out, slowing{s})
	}
	return out, nil
}

// name says what was slowed, and by how much.
func (s slowing) name() string {
	return fmt.Sprintf("real worker slowed by %.3g %%, %s", 100*s.Longer, s.Graph)
}

// longestBlocks is the largest number of contiguous blocks in a piece.
const longestBlocks = 10

// ratio is what all launches of the session say of the slowdown.
func (s slowing) ratio() stats.Ratio {
	return stats.RatioByBlocks(values(s.Base), values(s.New), compare.Certainty)
}

// draw returns the session's two sides without the slowdown that was found, from
// contiguous pieces, which keep the drift of the recording.
func (s slowing) draw(random *rand.Rand, blocks int) []series {
	var out series
	for len(out.base) < blocks {
		piece := min(blocks-len(out.base), longestBlocks, len(s.Base))
		start := random.IntN(len(s.Base) - piece + 1)
		out.base = append(out.base, s.Base[start:start+piece]...)
		out.new = append(out.new, s.New[start:start+piece]...)
	}
	return []series{out.slowed(1/s.ratio().Median - 1)}
}

func (s slowing) source() source { return source{name: s.name(), draw: s.draw} }

// called returns the table of sessions with a slowed worker: the share of sessions
// that are called slower, and of nights, which need two sessions to agree; then the
// launches from which 95 % of either are.
func called(sessions []slowing, tries int, seed uint64) (string, error) {
	var out rows
	columns := slices.Concat([]string{"blocks", "found"}, counts(launches, "launches"), []string{"`ab` calls it from", "a night from"})
	out.header("a worker that really is slower", columns)
	for _, s := range sessions {
		r := s.ratio()
		row := []string{s.name(), strconv.Itoa(r.Blocks), fmt.Sprintf("%+.0f %% (%+.0f to %+.0f %%)", 100*(r.Median-1), 100*(r.Low-1), 100*(r.High-1))}
		for _, n := range launches {
			share, err := verdicts(tries, n, s.Longer, s.source(), seed, slower...)
			if err != nil {
				return "", err
			}
			row = append(row, fmt.Sprintf("%s (%s)", percent(share), percent(share*share)))
		}
		once, twice, err := until(max(1, tries/4), s, seed)
		if err != nil {
			return "", err
		}
		row = append(row, atMost(once), atMost(twice))
		out.line(row)
	}
	return out.String(), nil
}

// mostLaunches is the largest number of launches that is tried.
const mostLaunches = 160

// until returns the launches from which a slowdown is called in 95 % of the tries,
// in one session and in both of two; more than mostLaunches where none suffice.
func until(tries int, s slowing, seed uint64) (once, twice int, err error) {
	once = mostLaunches + 1
	for n := launches[0]; n <= mostLaunches; n += max(1, n/10) {
		share, err := verdicts(tries, n, s.Longer, s.source(), seed, slower...)
		if err != nil {
			return 0, 0, err
		}
		if share >= power {
			once = min(once, n)
		}
		if share*share >= power {
			return once, n, nil
		}
	}
	return once, mostLaunches + 1, nil
}

func atMost(n int) string {
	if n > mostLaunches {
		return fmt.Sprintf("> %d launches", mostLaunches)
	}
	return fmt.Sprintf("%d launches", n)
}
