package record

import "fmt"

// Limits are what a probe found that a machine can do at most, with a device and a
// build of TensorFlow.
type Limits struct {
	Machine    int    `json:"machine"` // index into Record.Machines
	Probed     string `json:"probed"`  // id of the record that has the launches
	TensorFlow string `json:"tensorflow"`
	Device     string `json:"device"`
	Threads    int    `json:"threads"` // intra-op
	Rates      []Rate `json:"rates"`
}

// Rate is one limit: a rate in floating-point operations or bytes per second, or the
// seconds of an empty step. Value is the median over launches.
type Rate struct {
	Name  string   `json:"name"` // such as RateMatMul + "-float32"
	Unit  string   `json:"unit"` // FlopPerSecond, BytePerSecond or Second
	Value Interval `json:"value"`
	Note  string   `json:"note,omitempty"` // why it is not known, or what it is of
}

// Names of rates. Those of arithmetic end in "-" and a precision.
const (
	RateMatMul     = "matmul"
	RateConv       = "conv"
	RateMemory     = "memory"
	RateToDevice   = "to-device"
	RateFromDevice = "from-device"
	RateEmptyStep  = "empty-step" // seconds, under the executor ThreadPool

	RateEmptyStepCaller = "empty-step-caller-thread" // seconds, under CallerThread
)

// Precisions returns those of which a probe finds the arithmetic.
func Precisions() []string { return []string{"float32", "bfloat16", "float16"} }

// Units of rates.
const (
	FlopPerSecond = "flop/s"
	BytePerSecond = "byte/s"
	Second        = "s"
)

// Rate returns the limit of that name, and false where there is none.
func (l Limits) Rate(name string) (Rate, bool) {
	for _, r := range l.Rates {
		if r.Name == name && r.Value.Median > 0 {
			return r, true
		}
	}
	return Rate{}, false
}

// Key returns a text that is equal for limits of the same machine of a record,
// TensorFlow, device and number of threads.
func (l Limits) Key() string {
	return fmt.Sprintf("%d %q %q %d", l.Machine, l.TensorFlow, l.Device, l.Threads)
}

// SameAs reports whether two limits are of the same machine of a record, TensorFlow,
// device and number of threads.
func (l Limits) SameAs(other Limits) bool {
	return l.Key() == other.Key()
}

func (l *Limits) validate(machines int) error {
	if l.Machine < 0 || l.Machine >= machines || l.Threads < 0 {
		return fmt.Errorf("machine %d and %d threads: the record holds %d machines", l.Machine, l.Threads, machines)
	}
	return rates(l.Rates)
}

func rates(list []Rate) error {
	for _, r := range list {
		if err := r.Value.validate(); err != nil {
			return fmt.Errorf("rates (%.40q): %w", r.Name, err)
		}
	}
	return nil
}
