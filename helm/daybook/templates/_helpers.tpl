{{/*
The name of the objects. At most 52 characters, since a StatefulSet's name and "-" and a hash of 10 are the value of a label.
A longer one ends in a hash of the whole, so that two releases whose names differ at the end do not share objects.
*/}}
{{- define "daybook.fullname" -}}
{{- $name := include "daybook.name" . -}}
{{- $full := .Release.Name -}}
{{- if .Values.fullnameOverride -}}
  {{- $full = .Values.fullnameOverride -}}
{{- else if not (contains $name .Release.Name) -}}
  {{- $full = printf "%s-%s" .Release.Name $name -}}
{{- end -}}
{{- if gt (len $full) 52 -}}
  {{- $full = printf "%s-%s" (trunc 43 $full | trimSuffix "-") (sha256sum $full | trunc 8) -}}
{{- end -}}
{{- $full -}}
{{- end }}

{{- define "daybook.name" -}}
{{- default .Chart.Name .Values.nameOverride -}}
{{- end }}

{{/* What keeps the pods: with the engine jetstream they have nothing of their own, neither a volume nor a name. */}}
{{- define "daybook.workload" -}}
{{- ternary "Deployment" "StatefulSet" (eq .Values.engine "jetstream") -}}
{{- end }}

{{- define "daybook.replicas" -}}
{{- if kindIs "invalid" .Values.replicas -}}
  {{- ternary 3 1 (eq .Values.engine "jetstream") -}}
{{- else -}}
  {{- int .Values.replicas -}}
{{- end -}}
{{- end }}

{{/* What pods are selected by: immutable in a StatefulSet and in a Deployment, so nothing here may ever change. */}}
{{- define "daybook.selector" -}}
app.kubernetes.io/name: {{ include "daybook.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{/* Labels of the objects, but not of pods and volumes: a new version of the chart alone must not roll or change those. */}}
{{- define "daybook.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_." }}
app.kubernetes.io/name: {{ include "daybook.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "daybook.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end -}}
{{- end }}

{{- define "daybook.serviceAccountName" -}}
{{- default (ternary (include "daybook.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end }}

{{/* The ConfigMap with the configuration file, if there is one. */}}
{{- define "daybook.configMapName" -}}
{{- if .Values.config }}{{ include "daybook.fullname" . }}{{ else }}{{ .Values.existingConfigMap }}{{ end -}}
{{- end }}

{{/* The port of the pod and of the Services at which /metrics is served. */}}
{{- define "daybook.metricsPortName" -}}
{{- ternary "metrics" "http" (gt (int .Values.metrics.port) 0) -}}
{{- end }}

{{/* A duration of the program, such as 250ms, as a number of milliseconds. */}}
{{- define "daybook.milliseconds" -}}
{{- $number := regexFind "^[0-9]+" . -}}
{{- mul (int64 $number) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) (trimPrefix $number .)) -}}
{{- end }}

{{- define "daybook.drainDelay" -}}
{{- default (ternary "5s" "0ms" (eq .Values.engine "jetstream")) .Values.drain.delay -}}
{{- end }}

{{- define "daybook.gracePeriodSeconds" -}}
{{- $milliseconds := 999 -}}{{/* rounds up */}}
{{- range list (include "daybook.drainDelay" .) .Values.drain.timeout .Values.drain.margin -}}
  {{- $milliseconds = add $milliseconds (include "daybook.milliseconds" .) -}}
{{- end -}}
{{- div $milliseconds 1000 -}}
{{- end }}

{{/* A quantity of storage as a number of MiB, however it is written: the API server writes 1024Mi as 1Gi. */}}
{{- define "daybook.mebibytes" -}}
{{- $number := regexFind "^[0-9]+" . | default "0" -}}
{{- mul (int64 $number) (get (dict "Mi" 1 "Gi" 1024 "Ti" 1048576) (trimPrefix $number .) | default 0) -}}
{{- end }}

{{/* What no schema can say. Fails with a sentence that tells what to do. */}}
{{- define "daybook.check" -}}
{{- if eq .Values.engine "jetstream" -}}
  {{- include "daybook.checkJetstream" . -}}
{{- else if (.Values.autoscaling).enabled -}}
  {{- fail (printf "autoscaling.enabled is true, and the engine %s has one replica at the most. Set it to false." .Values.engine) -}}
{{- else if gt (include "daybook.replicas" . | int) 1 -}}
  {{- if eq .Values.engine "disk" -}}
    {{- fail (printf "replicas is %v, and the engine disk has one at the most: its log is in one volume, which one process locks. Each further replica would be another log behind the same Service. Set replicas to 1." .Values.replicas) -}}
  {{- end -}}
  {{- fail (printf "replicas is %v, and the engine memory has one at the most: each further replica would be another log behind the same Service. Set replicas to 1." .Values.replicas) -}}
{{- end -}}
{{- if and .Values.config .Values.existingConfigMap -}}
  {{- fail "config and existingConfigMap are both set, and the program reads one file. Leave one of them out." -}}
{{- end -}}
{{- if and .Values.metrics.port (has (int .Values.metrics.port) (list 8080 (int .Values.service.port))) -}}
  {{- fail (printf "metrics.port is %v, where records are served. Take another one, or 0 to have both at one port." .Values.metrics.port) -}}
{{- end -}}
{{- if and .Values.access.protectMetrics (not .Values.access.existingSecret) -}}
  {{- fail "access.protectMetrics is true, and access.existingSecret is empty: no token could have that scope. Name the Secret with the token file." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
  {{- fail "ingress.hosts is empty. Name a host, or all that reaches the ingress controller would go to daybook." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
  {{- fail "httpRoute.parentRefs is empty. Name the Gateway that the route belongs to." -}}
{{- end -}}
{{- end }}

{{- define "daybook.checkJetstream" -}}
{{- $weaker := "or set nats.allowWeakerDurability to true, and answers tell the durability that there is." -}}
{{- if not .Values.nats.url -}}
  {{- fail "engine is jetstream, and nats.url is empty. Set it to the NATS servers that keep the records, such as nats://nats:4222." -}}
{{- end -}}
{{- if and (lt (int .Values.nats.replicas) 3) (not .Values.nats.allowWeakerDurability) -}}
  {{- fail (printf "nats.replicas is %v, and what daybook promises takes 3. Set it to 3 or more, %s" .Values.nats.replicas $weaker) -}}
{{- end -}}
{{- if and (not .Values.nats.monitorUrls) (not .Values.nats.allowWeakerDurability) -}}
  {{- fail (printf "nats.monitorUrls is empty, and whether the NATS servers sync is told there alone. Name the monitoring address of each, such as http://nats-0.nats-headless:8222, %s" $weaker) -}}
{{- end -}}
{{- if ne (empty .Values.nats.existingSecret) (empty (include "daybook.natsFiles" . | fromYaml)) -}}
  {{- fail "nats.existingSecret and nats.secretKeys go together: the Secret, and which of its keys the pods see as what. Set both or neither." -}}
{{- end -}}
{{- if .Values.maintenance -}}
  {{- fail "maintenance is true, and with the engine jetstream there is no volume to work on. Set it to false; replicas: 0 stops the pods." -}}
{{- end -}}
{{- with .Values.autoscaling -}}
  {{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
    {{- fail (printf "autoscaling.minReplicas is %v, and autoscaling.maxReplicas is %v, which is less." .minReplicas .maxReplicas) -}}
  {{- end -}}
  {{- if and .enabled (not (dig "requests" "cpu" "" $.Values.resources)) -}}
    {{- fail "autoscaling.enabled is true, and resources.requests.cpu is not set, of which the pods' use is measured." -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{/*
Another engine's pods that are there serve other records, and would be behind the same Service until Helm removes them, which it
does last.
*/}}
{{- define "daybook.checkEngine" -}}
{{- $name := include "daybook.fullname" . -}}
{{- $other := ternary "StatefulSet" "Deployment" (eq .Values.engine "jetstream") -}}
{{- $there := lookup "apps/v1" $other .Release.Namespace $name -}}
{{- if eq (dig "metadata" "annotations" "meta.helm.sh/release-name" "" $there) .Release.Name -}}
  {{- fail (printf "engine is %s, and the %s %s is there, which serves the records of another engine behind the same Service. Remove it, and upgrade again; the records stay where they are: kubectl --namespace %s delete %s %s" .Values.engine $other $name .Release.Namespace (lower $other) $name) -}}
{{- end -}}
{{- end }}

{{/* A StatefulSet that is there keeps the volume that it was made with; the API server's message for that names no way out. */}}
{{- define "daybook.checkVolume" -}}
{{- $name := include "daybook.fullname" . -}}
{{- $kubectl := printf "kubectl --namespace %s" .Release.Namespace -}}
{{- $there := lookup "apps/v1" "StatefulSet" .Release.Namespace $name -}}
{{- if $there -}}
  {{- $made := "" -}}
  {{- range $there.spec.volumeClaimTemplates }}{{ $made = .spec.resources.requests.storage }}{{ end -}}
  {{- $wanted := ternary .Values.persistence.size "" (eq .Values.engine "disk") -}}
  {{- $growth := sub (include "daybook.mebibytes" $wanted) (include "daybook.mebibytes" $made) -}}
  {{- if ne (empty $made) (empty $wanted) -}}
    {{- fail (printf "engine is %s, and the StatefulSet %s was made %s a volume, which Kubernetes does not let it change. Remove it, and upgrade again; a volume stays: %s delete statefulset %s" .Values.engine $name (ternary "without" "with" (empty $made)) $kubectl $name) -}}
  {{- else if lt $growth 0 -}}
    {{- fail (printf "persistence.size is %s, and the volume of the StatefulSet %s has %s; volumes cannot shrink. Set it to %s." $wanted $name $made $made) -}}
  {{- else if gt $growth 0 -}}
    {{- fail (printf "persistence.size is %s, and the StatefulSet %s was made with %s, which Kubernetes does not let it change. Grow the volume, remove the StatefulSet without its pod, and upgrade again: %s patch persistentvolumeclaim data-%s-0 --patch '{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"%s\"}}}}' && %s delete statefulset %s --cascade=orphan" $wanted $name $made $kubectl $name $wanted $kubectl $name) -}}
  {{- end -}}
{{- end -}}
{{- end }}
