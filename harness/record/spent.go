package record

// Spent is where the time of a session went outside its launches, in seconds by the
// parent's clock; of a session that was resumed, of all its parts. Wall is all of it,
// launches too, until the record was saved last.
type Spent struct {
	Wall    float64 `json:"wall_s"`           // since the program began
	Graphs  float64 `json:"graphs_s"`         // until measuring began: finding and exporting graphs
	Parity  float64 `json:"parity_s"`         // comparing graphs with Keras
	Between float64 `json:"between_s"`        // launches: choosing the next, preparing and clearing away its process, summing up
	Idle    float64 `json:"idle_s,omitempty"` // measuring the power of the idle machine
	Extra   float64 `json:"extra_s"`          // launches that are not timed, such as traces, and making examples
	Saving  float64 `json:"saving_s"`         // of the record, before the last time
}
