package monitor

// mostReadings is how many readings of a launch are kept.
const mostReadings = 600

// thinned keeps readings at even distances: where there are too many, every second is
// dropped, and of later ones as many.
type thinned struct {
	list  []reading
	each  int // one of so many is kept; 0 is 1
	count int
}

func (t *thinned) add(r reading) {
	t.each = max(1, t.each)
	if t.count++; (t.count-1)%t.each != 0 {
		return
	}
	if len(t.list) < mostReadings {
		t.list = append(t.list, r)
		return
	}
	half := t.list[:0]
	for i := 0; i < len(t.list); i += 2 {
		half = append(half, t.list[i])
	}
	t.list, t.each = half, 2*t.each
	if (t.count-1)%t.each == 0 {
		t.list = append(t.list, r)
	}
}
