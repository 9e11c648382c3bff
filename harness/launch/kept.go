package launch

import "epochtime/harness/record"

// mostEpochs is how many measured epochs of a launch are kept that trains for a time.
const mostEpochs = 10_000

// kept keeps epochs at even distances: where there are too many, every second measured
// one is dropped, and of later ones as many.
type kept struct {
	measured int
	each     int // one of so many is kept; 0 is 1
}

// add adds an epoch to a launch. Of one that does not train for a time, all are kept.
func (k *kept) add(l *record.Launch, e record.Epoch, timed bool) {
	if !timed || e.Warmup {
		l.Epochs = append(l.Epochs, e)
		return
	}
	k.each = max(1, k.each)
	if k.each > 1 {
		l.EpochsDone = k.measured + 1
	}
	if k.measured++; (k.measured-1)%k.each != 0 {
		return
	}
	l.Epochs = append(l.Epochs, e)
	if k.measured/k.each < mostEpochs {
		return
	}
	k.each, l.EpochsDone = 2*k.each, k.measured
	all := l.Epochs
	l.Epochs = l.Epochs[:0]
	n := 0
	for _, e := range all {
		if e.Warmup || n%2 == 0 {
			l.Epochs = append(l.Epochs, e)
		}
		if !e.Warmup {
			n++
		}
	}
}
