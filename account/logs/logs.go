// Package logs searches CloudWatch Logs for the operators. The function itself
// never does, and its binary is without the SDK's service/cloudwatchlogs.
package logs

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/devo-s3/collector/account"
)

// MaxQuery is the longest query of Logs Insights, in characters, and MaxLines
// the most lines that one gives.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
const (
	MaxQuery = 10_000
	MaxLines = 10_000
)

// queryPause is the time between two looks at a query's results.
const queryPause = 500 * time.Millisecond

// A Group is a log group, searched by CloudWatch Logs Insights, which has a price
// by the bytes of the time that is searched.
type Group struct {
	api  *cloudwatchlogs.Client
	name string
}

// New is the log group of that name. It makes no call.
func New(a *account.Account, name string) *Group {
	return &Group{cloudwatchlogs.NewFromConfig(a.Config()), name}
}

// Find gives the lines, newest first, that pass the filter of a query, and were
// written between two times.
func (g *Group) Find(ctx context.Context, filter string, from, to time.Time) (lines []string, err error) {
	started, err := g.api.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
		LogGroupName: &g.name, StartTime: aws.Int64(from.Unix()), EndTime: aws.Int64(to.Unix()), Limit: aws.Int32(MaxLines),
		QueryString: aws.String("fields @message | filter " + filter + " | sort @timestamp desc"),
	})
	if err != nil {
		return nil, fmt.Errorf("search log group %s: %w", g.name, err)
	}
	for {
		out, err := g.api.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
		if err != nil {
			return nil, fmt.Errorf("search log group %s: %w", g.name, err)
		}
		switch out.Status {
		case types.QueryStatusComplete:
			return messages(out.Results), nil
		case types.QueryStatusScheduled, types.QueryStatusRunning:
		default:
			return nil, fmt.Errorf("search log group %s: the query ended as %s", g.name, out.Status)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("search log group %s: %w", g.name, context.Cause(ctx))
		case <-time.After(queryPause):
		}
	}
}

func messages(rows [][]types.ResultField) (lines []string) {
	for _, row := range rows {
		for _, f := range row {
			if aws.ToString(f.Field) == "@message" {
				lines = append(lines, aws.ToString(f.Value))
			}
		}
	}
	return lines
}
