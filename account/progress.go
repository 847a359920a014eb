package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/watch"
)

// progressID is the key of watch's Progress. It has no expiry.
const progressID = "progress"

// Progress implements watch.Memory.
func (h *Health) Progress(ctx context.Context) (watch.Progress, error) {
	item, err := h.get(ctx, progressID)
	if err != nil {
		return watch.Progress{}, err
	}
	p := watch.Progress{Version: readNumber(item["version"]), Waiting: make(map[string]watch.Wait)}
	for queue, wait := range readMap(item["waiting"]) {
		w := readMap(wait)
		p.Waiting[queue] = watch.Wait{Least: readNumber(w["least"]), Since: readNumber(w["since"])}
	}
	return p, nil
}

// SaveProgress implements watch.Memory.
func (h *Health) SaveProgress(ctx context.Context, p watch.Progress) error {
	waiting := make(attributes)
	for queue, wait := range p.Waiting {
		waiting[queue] = &types.AttributeValueMemberM{Value: attributes{"least": number(wait.Least), "since": number(wait.Since)}}
	}
	return h.put(ctx, progressID, p.Version, attributes{"waiting": &types.AttributeValueMemberM{Value: waiting}})
}
