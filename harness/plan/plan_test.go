package plan

import (
	"fmt"
	"slices"
	"testing"
)

// carryOut follows a plan to its end. dead says which launches find that their
// configuration cannot run.
func carryOut(t *testing.T, p Plan, dead func(Launch) bool) []Launch {
	t.Helper()
	var done []Result
	var order []Launch
	for range 10_000 {
		next, ok := p.Next(done)
		if !ok {
			return order
		}
		order = append(order, next)
		done = append(done, Result{Launch: next, Dead: dead != nil && dead(next)})
	}
	t.Fatal("the plan has no end")
	return nil
}

func configs(order []Launch, block int) []int {
	var out []int
	for _, l := range order {
		if l.Block == block {
			out = append(out, l.Config)
		}
	}
	return out
}

func TestEveryBlockHoldsEachConfigurationOnce(t *testing.T) {
	for _, size := range []struct{ configs, blocks int }{{1, 1}, {1, 6}, {3, 1}, {3, 6}, {8, 20}} {
		b := Blocks{Configs: size.configs, Blocks: size.blocks, Seed: 1}
		order := carryOut(t, b, nil)
		if len(order) != size.configs*size.blocks {
			t.Errorf("%v: %d launches", size, len(order))
		}
		if !slices.IsSortedFunc(order, func(a, b Launch) int { return a.Block - b.Block }) {
			t.Errorf("%v: a block begins before the one before it ends: %v", size, order)
		}
		for block := range size.blocks {
			got := slices.Sorted(slices.Values(configs(order, block)))
			for want := range size.configs {
				if want >= len(got) || got[want] != want {
					t.Fatalf("%v: block %d holds %v", size, block, got)
				}
			}
		}
	}
}

func TestOrderComesFromTheSeed(t *testing.T) {
	b := Blocks{Configs: 5, Blocks: 10, Seed: 7}
	first := carryOut(t, b, nil)
	if !slices.Equal(first, carryOut(t, b, nil)) {
		t.Error("the same seed gives two orders")
	}
	b.Seed = 8
	if slices.Equal(first, carryOut(t, b, nil)) {
		t.Error("another seed gives the same order")
	}
}

// Over many blocks, no order may come more often than any other: 24 orders of
// four configurations, 2400 blocks, chi-squared with 23 degrees of freedom,
// whose 99.9 % quantile is 49.7. The seeds are fixed, and so is the result.
func TestOrdersAreEvenlySpread(t *testing.T) {
	const blocks = 2400
	for seed := range uint64(3) {
		count := map[string]int{}
		for block := range blocks {
			count[fmt.Sprint(order(seed, block, 4))]++
		}
		chi := 0.0
		for _, n := range count {
			d := float64(n) - blocks/24
			chi += d * d / (blocks / 24)
		}
		if len(count) != 24 || chi > 49.7 {
			t.Errorf("seed %d: %d orders, chi-squared %.1f", seed, len(count), chi)
		}
	}
}

func TestDeadConfigurationsAreDropped(t *testing.T) {
	b := Blocks{Configs: 3, Blocks: 4, Seed: 1}
	order := carryOut(t, b, func(l Launch) bool { return l.Config == 1 && l.Block == 1 })
	count := make([]int, 3)
	for _, l := range order {
		count[l.Config]++
	}
	if !slices.Equal(count, []int{4, 2, 4}) {
		t.Errorf("launches of each configuration: %v", count)
	}
	if all := carryOut(t, b, func(Launch) bool { return true }); len(all) != 3 {
		t.Errorf("%d launches where all are dead after one", len(all))
	}
}

func TestLeft(t *testing.T) {
	b := Blocks{Configs: 3, Blocks: 4, Seed: 1}
	var done []Result
	for i, c := range []struct {
		next Result
		left []int
	}{
		{Result{}, []int{4, 4, 4}},
		{Result{Launch: Launch{0, 0}}, []int{3, 4, 4}},
		{Result{Launch: Launch{2, 0}}, []int{3, 4, 3}},
		{Result{Launch: Launch{1, 0}, Dead: true}, []int{3, 0, 3}},
		{Result{Launch: Launch{0, 1}}, []int{2, 0, 3}},
	} {
		if i > 0 {
			done = append(done, c.next)
		}
		if got := b.Left(done); !slices.Equal(got, c.left) {
			t.Errorf("after %v: %v, want %v", done, got, c.left)
		}
	}
	more := slices.Repeat([]Result{{Launch: Launch{Config: 2}}}, 5) // a plan that was made shorter
	if got := b.Left(more); !slices.Equal(got, []int{4, 4, 0}) {
		t.Errorf("after more launches than planned: %v", got)
	}
}

// Whoever stops after any launch and goes on later gets the same plan.
func TestNextNeedsOnlyTheResults(t *testing.T) {
	b := Blocks{Configs: 4, Blocks: 5, Seed: 3}
	order := carryOut(t, b, nil)
	var done []Result
	for i, want := range order {
		shuffled := slices.Clone(done)
		slices.Reverse(shuffled)
		for _, results := range [][]Result{done, shuffled} {
			if next, ok := b.Next(results); !ok || next != want {
				t.Fatalf("launch %d is %v, want %v", i, next, want)
			}
		}
		sum := 0
		for _, n := range b.Left(done) {
			sum += n
		}
		if sum != len(order)-i {
			t.Fatalf("%d launches left before launch %d of %d", sum, i, len(order))
		}
		done = append(done, Result{Launch: want})
	}
	if next, ok := b.Next(done); ok {
		t.Errorf("%v comes after the end", next)
	}
}
