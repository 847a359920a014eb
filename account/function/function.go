// Package function is a Lambda function as others see it: its event-source
// mappings, and what it answers. watch and the operators look at the collector
// so; the collector itself never does, and its binary is without the SDK's
// service/lambda.
package function

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/devo-s3/collector/account"
)

// A Function is one of Lambda's.
type Function struct {
	api  *lambda.Client
	name string
}

// New is the function of that name or ARN, with its alias where the mappings are
// on one. It makes no call.
func New(a *account.Account, name string) *Function {
	return &Function{lambda.NewFromConfig(a.Config()), name}
}

// An Error is what a function that was invoked said went wrong with it.
type Error struct{ Says string }

func (e *Error) Error() string { return e.Says }

// Invoke runs the function and waits for its answer as long as ctx lets it. The
// error is an Error if it ran, and failed.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	out, err := f.api.Invoke(ctx, &lambda.InvokeInput{FunctionName: &f.name, Payload: payload}, func(o *lambda.Options) {
		o.RetryMaxAttempts = 1                      // it may only be slow
		o.HTTPClient = awshttp.NewBuildableClient() // which waits for ever for the first byte
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("invoke %s: %w", f.name, err)
	case out.FunctionError != nil:
		var failure struct{ ErrorType, ErrorMessage string }
		_ = json.Unmarshal(out.Payload, &failure) // what is no such object says nothing
		return nil, &Error{strings.Trim(failure.ErrorType+": "+failure.ErrorMessage, ": ")}
	}
	return out.Payload, nil
}

// MappingSettings are how an event-source mapping is set up.
type MappingSettings struct {
	ID, Queue   string // UUID, ARN
	State       string // Lambda's word: Enabled, Disabled, …
	LastResult  string
	Reports     bool // partial-batch responses count
	Filtered    bool
	BatchSize   int
	Window      time.Duration
	Concurrency int // 0 is no limit
}

// MappingSettings are those of all mappings on the function.
func (f *Function) MappingSettings(ctx context.Context) (all []MappingSettings, err error) {
	found, err := f.list(ctx)
	for _, m := range found {
		one := MappingSettings{
			ID: aws.ToString(m.UUID), Queue: aws.ToString(m.EventSourceArn), State: aws.ToString(m.State), LastResult: aws.ToString(m.LastProcessingResult),
			Reports:   slices.Contains(m.FunctionResponseTypes, types.FunctionResponseTypeReportBatchItemFailures),
			Filtered:  m.FilterCriteria != nil && len(m.FilterCriteria.Filters) > 0,
			BatchSize: int(aws.ToInt32(m.BatchSize)), Window: time.Duration(aws.ToInt32(m.MaximumBatchingWindowInSeconds)) * time.Second,
		}
		if m.ScalingConfig != nil {
			one.Concurrency = int(aws.ToInt32(m.ScalingConfig.MaximumConcurrency))
		}
		all = append(all, one)
	}
	return all, err
}

// list gives all event-source mappings on the function, none if there is an
// error.
func (f *Function) list(ctx context.Context) (all []types.EventSourceMappingConfiguration, err error) {
	pages := lambda.NewListEventSourceMappingsPaginator(f.api, &lambda.ListEventSourceMappingsInput{FunctionName: &f.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the event-source mappings of %s: %w", f.name, err)
		}
		all = append(all, page.EventSourceMappings...)
	}
	return all, nil
}
