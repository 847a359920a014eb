package function

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/devo-s3/collector/watch"
)

type mappings struct {
	*Function
	queues []string
}

// Mappings are the event-source mappings from those queues, ARNs, to the
// function.
func (f *Function) Mappings(queueARNs []string) watch.Mappings { return &mappings{f, queueARNs} }

// List implements watch.Mappings.
func (m *mappings) List(ctx context.Context) (all []watch.Mapping, err error) {
	found, err := m.list(ctx)
	for _, one := range found {
		queue := aws.ToString(one.EventSourceArn)
		if slices.Contains(m.queues, queue) {
			all = append(all, watch.Mapping{
				ID: aws.ToString(one.UUID), Queue: queue, Status: statusOf(aws.ToString(one.State)), Result: aws.ToString(one.LastProcessingResult),
			})
		}
	}
	return all, err
}

// statusOf reads a mapping's State; Creating, Updating and Deleting are
// watch.Busy.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
func statusOf(state string) watch.Status {
	switch state {
	case "Enabled", "Enabling":
		return watch.On
	case "Disabled", "Disabling":
		return watch.Off
	}
	return watch.Busy
}

// Set implements watch.Mappings. Lambda refuses while an earlier change is under
// way.
func (m *mappings) Set(ctx context.Context, id string, on bool) error {
	_, err := m.api.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: &id, Enabled: &on})
	if err != nil {
		return fmt.Errorf("set event-source mapping %s to enabled %t: %w", id, on, err)
	}
	return nil
}
