package record

import "time"

// Factor is the one thing in which a run differs from the default.
type Factor struct {
	Name string `json:"name"` // such as batch
	From string `json:"from"` // the default's value
	To   string `json:"to"`
}

// What Settings.Name may hold.
const (
	SettingsDefault = "default" // as the graph and the command line say
	SettingsBest    = "best"    // as the newest search found them
)

// Settings say which of a graph's known settings a run has, and the record of the
// search that found them.
type Settings struct {
	Name  string    `json:"name"`           // SettingsDefault or SettingsBest
	Graph string    `json:"graph"`          // sha256 of the graph that was asked for; the best may be of another export
	From  string    `json:"from,omitempty"` // id of a record of KindTune
	Found time.Time `json:"found,omitzero"` // when that began
}
