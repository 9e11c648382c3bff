package record

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mostGPUs is the largest number of a GPU that is taken for one.
const mostGPUs = 1 << 16

// ParseDevice returns what the text of Config.Device names: its kind, cpu, gpu or tpu,
// and the numbers of GPUs in their order, as in gpu:0,1. No number leaves the GPU to
// TensorFlow. The error says what a device is.
func ParseDevice(text string) (kind string, gpus []int, err error) {
	kind, list, numbered := strings.Cut(text, ":")
	switch {
	case kind != "cpu" && kind != "gpu" && kind != "tpu":
		return "", nil, fmt.Errorf("%q is not one of cpu, gpu, gpu:N, gpu:N,M, tpu", text)
	case !numbered:
		return kind, nil, nil
	case kind != "gpu":
		return "", nil, fmt.Errorf("%q has a number, and only a gpu has one: leave it out", text)
	}
	for _, part := range strings.Split(list, ",") {
		n, err := strconv.Atoi(part)
		switch {
		case err != nil || n < 0 || n >= mostGPUs || strconv.Itoa(n) != part:
			return "", nil, fmt.Errorf("%q is no number of a GPU, which are 0, 1, 2 and so on: name one, as gpu:1, or several, as gpu:0,1", part)
		case slices.Contains(gpus, n):
			return "", nil, fmt.Errorf("it names GPU %d twice: name each once", n)
		}
		gpus = append(gpus, n)
	}
	return kind, gpus, nil
}

// GPUs returns the numbers of the GPUs that the device names, in their order; none
// where it names none, or is no device.
func (c Config) GPUs() []int {
	_, gpus, err := ParseDevice(c.Device)
	if err != nil {
		return nil
	}
	return gpus
}
