package graph

// smallStep is how much a step may do, in operations and numbers read or written, to be
// small: some microseconds of one core, less than it takes to wake another thread.
// docs/performance.md has the measurements.
const smallStep = 20_000

// StepIsSmall reports whether a step of a batch takes less time than waking a thread, so
// that its operations had better run on the thread that calls. It is false where the
// manifest cannot tell: for graphs that XLA compiles, that have preprocessing layers or a
// pipeline of their own, or inputs of free shape, and if batch is not positive.
func (m *Manifest) StepIsSmall(batch int) bool {
	if m == nil || batch <= 0 || m.Variant.Compiled() || m.Pipeline != nil || m.Model.FlopsPerExample <= 0 {
		return false
	}
	if _, layers := m.Signatures[Preprocessing]; layers {
		return false
	}
	work := m.Model.FlopsPerExample
	for _, t := range m.Tensors() {
		size := 1.0
		for i, n := range t.Shape {
			switch {
			case i == 0: // the batch
			case n == nil:
				return false
			default:
				size *= float64(*n)
			}
		}
		work += size
	}
	return work*float64(batch)+float64(m.Model.Parameters) <= smallStep
}
