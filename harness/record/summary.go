package record

// Summary is computed from the measured epochs of the ok launches.
type Summary struct {
	Launches          int      `json:"launches"`
	EpochSeconds      Interval `json:"epoch_seconds"`
	MeanEpochSeconds  float64  `json:"mean_epoch_seconds"`
	ExamplesPerSecond float64  `json:"examples_per_second"`
	StepSeconds       float64  `json:"step_seconds"` // median epoch step time over steps
	WaitShare         float64  `json:"wait_share"`   // of an epoch, waiting for batches
	FirstStepSeconds  float64  `json:"first_step_seconds"`
	PeakRSS           uint64   `json:"peak_rss_bytes"`
	FinalLoss         Number   `json:"final_loss"`

	WholeSeconds      *Interval         `json:"whole_seconds,omitempty"`       // of training and validation, where it follows; nil: it never does
	FirstEpochSeconds *Interval         `json:"first_epoch_seconds,omitempty"` // of training, of cold launches; nil: there are none
	Metrics           map[string]Number `json:"metrics,omitempty"`             // as computed last, the medians of launches

	// JoulesPerEpoch is of all domains that could be read, over whole epochs; nil: none could.
	JoulesPerEpoch *Interval `json:"joules_per_epoch,omitempty"`
}

// Interval is a median and its confidence interval. Low and High are NaN
// (null in JSON) and Confidence is 0 where there are too few launches for one.
type Interval struct {
	Median     float64 `json:"median"`
	Low        Number  `json:"low"`
	High       Number  `json:"high"`
	Confidence float64 `json:"confidence"`
}

// Known reports whether there is an interval around the median.
func (i Interval) Known() bool { return i.Confidence > 0 }
