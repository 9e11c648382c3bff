package record

// Script says which part of a script a graph is, as graph.Script does.
type Script struct {
	File      string   `json:"file"`
	Arguments []string `json:"arguments,omitempty"`
	Call      string   `json:"call"`
	Line      int      `json:"line"`
	Phase     int      `json:"phase"`
	Phases    int      `json:"phases"`
}

// Notice says what of a person's own training is not in the time, or is there in
// another way.
type Notice struct {
	About string `json:"about"` // one word, such as callbacks
	Text  string `json:"text"`  // one sentence
}
