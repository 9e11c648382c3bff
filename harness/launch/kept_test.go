package launch

import (
	"testing"

	"epochtime/harness/record"
)

func TestKept(t *testing.T) {
	for _, n := range []int{1, mostEpochs - 1, mostEpochs, 10*mostEpochs + 7} {
		var l record.Launch
		var k kept
		k.add(&l, record.Epoch{Warmup: true}, true)
		for i := range n {
			k.add(&l, record.Epoch{Index: 1 + i}, true)
		}
		got := len(l.Epochs) - 1
		if !l.Epochs[0].Warmup || got > mostEpochs || got < min(n, mostEpochs/2) {
			t.Errorf("%d of %d epochs are kept", got, n)
		}
		if thinned := got < n; thinned != (l.EpochsDone > 0) || thinned && l.EpochsDone != n {
			t.Errorf("of %d epochs %d are kept, and %d were done", n, got, l.EpochsDone)
		}
		for i, e := range l.Epochs[1:] {
			if e.Index != 1+i*max(1, k.each) {
				t.Fatalf("of %d, number %d is epoch %d, and one of %d is kept", n, i, e.Index, k.each)
			}
		}
	}
}

// A number of epochs that was asked for is kept whole.
func TestKeptWhole(t *testing.T) {
	var l record.Launch
	var k kept
	for i := range 2 * mostEpochs {
		k.add(&l, record.Epoch{Index: i}, false)
	}
	if len(l.Epochs) != 2*mostEpochs || l.EpochsDone != 0 {
		t.Errorf("%d epochs", len(l.Epochs))
	}
}
