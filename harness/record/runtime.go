package record

// What Config.Runtime may hold beside nothing.
const (
	RuntimeGo         = "go"          // the exported graph, through TensorFlow's C API
	RuntimeFit        = "fit"         // Keras's own fit, of the script or the model
	RuntimeFitJAX     = "fit-jax"     // the same, on Keras's JAX backend
	RuntimeFitTorch   = "fit-torch"   // the same, on Keras's PyTorch backend
	RuntimeTFFunction = "tf-function" // a Python loop around a tf.function step

	// RuntimePeer is any other worker that trains the graph's model on examples which it
	// reads from a file.
	RuntimePeer = "peer"
)

// Runtimes returns all runtimes.
func Runtimes() []string {
	return []string{RuntimeGo, RuntimeFit, RuntimeFitJAX, RuntimeFitTorch, RuntimeTFFunction, RuntimePeer}
}

// OfGraph reports whether the exported graph is what trains.
func (c Config) OfGraph() bool { return c.Runtime == "" || c.Runtime == RuntimeGo }

// Fits reports whether Keras's own fit trains.
func (c Config) Fits() bool {
	return c.Runtime == RuntimeFit || c.Runtime == RuntimeFitJAX || c.Runtime == RuntimeFitTorch
}

// FirstStepsInside reports whether the first epoch has the first steps in it, as in
// every runtime but the graph's, which runs them before.
func (c Config) FirstStepsInside() bool { return c.Cold || !c.OfGraph() }
