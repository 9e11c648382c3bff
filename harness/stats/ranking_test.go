package stats

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

func candidates(list ...*record.Run) []record.Run {
	var out []record.Run
	for _, r := range list {
		out = append(out, *r)
	}
	return out
}

func TestRanking(t *testing.T) {
	interrupted := inBlocks(ok(1), failed(record.Interrupted, ""))
	failing := inBlocks(ok(0.5), failed(record.OOM, "no memory"))
	got := Ranking(candidates(
		inBlocks(ok(4)), inBlocks(ok(9), ok(2), ok(3)), inBlocks(ok(2), ok(2), ok(2)), failing, &record.Run{}, interrupted, inBlocks(failed(record.Error, "")),
	))
	want := []Standing{
		{Run: 2, Seconds: 2, Launches: 3}, {Run: 1, Seconds: 3, Launches: 3}, {Run: 5, Seconds: 1, Launches: 1}, {Run: 0, Seconds: 4, Launches: 1},
		{Run: 3, Seconds: 0.5, Launches: 2, Failed: true}, {Run: 6, Launches: 1, Failed: true}, {Run: 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ranking (-want +got):\n%s", diff)
	}
	if got := Ranking(nil); len(got) != 0 {
		t.Errorf("no candidates: %v", got)
	}
}

func TestWinner(t *testing.T) {
	six := func(by float64) *record.Run {
		return inBlocks(ok(by*10), ok(by*11), ok(by*12), ok(by*10.5), ok(by*11.5), ok(by*12.5))
	}
	wild := inBlocks(ok(9), ok(12), ok(11), ok(11.5), ok(10.5), ok(14)) // about six(1), block by block
	for _, c := range []struct {
		name  string
		list  []record.Run
		costs []int
		want  int
		ok    bool
	}{
		{"none", nil, nil, 0, false},
		{"all fail", candidates(inBlocks(failed(record.OOM, ""))), []int{0}, 0, false},
		{"the fastest", candidates(six(1), six(0.9)), []int{0, 2}, 1, true},
		{"a tie goes to the default", candidates(wild, six(1)), []int{0, 2}, 0, true},
		{"a tie goes to fewer settings", candidates(six(2), six(1), wild), []int{0, 2, 1}, 2, true},
		{"a tie of more settings", candidates(six(2), six(1), wild), []int{0, 1, 2}, 1, true},
		{"two blocks, each faster once", candidates(inBlocks(ok(3), ok(2)), inBlocks(ok(2), ok(2.5))), []int{0, 1}, 0, true},
		{"two blocks, one always faster", candidates(inBlocks(ok(3), ok(2)), inBlocks(ok(2.9), ok(1.9))), []int{0, 1}, 1, true},
		{"out of the search earlier", candidates(inBlocks(ok(1)), inBlocks(ok(2), ok(2))), []int{0, 1}, 1, true},
		{"the default fails", candidates(inBlocks(failed(record.Error, "")), inBlocks(ok(2))), []int{0, 1}, 1, true},
	} {
		got, ok := Winner(c.list, Ranking(c.list), func(run int) int { return c.costs[run] })
		if got != c.want || ok != c.ok {
			t.Errorf("%s: candidate %d, %v; want %d, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestResolvable(t *testing.T) {
	if got := Resolvable(0.05, 10); got < 0.0575 || got > 0.0577 {
		t.Errorf("launches that deviate by 5 %% and 10 a side resolve %v", got)
	}
}
