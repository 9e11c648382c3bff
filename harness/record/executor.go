package record

// What Config.Executor may hold beside the empty string, which is CallerThread where a
// step is so small that waking a thread takes longer, and otherwise ThreadPool.
// Resolved.Executor says which it was.
const (
	// ThreadPool is TensorFlow's default: operations run on a pool of threads.
	ThreadPool = "thread-pool"
	// SingleThreaded is TensorFlow's executor that runs one operation after the
	// other, each still with its intra-op threads. TensorFlow refuses a graph that
	// it cannot run so at the first step.
	SingleThreaded = "single-threaded"
	// CallerThread is the default executor on the thread that calls. Operations
	// that could run side by side do not.
	CallerThread = "caller-thread"
)
