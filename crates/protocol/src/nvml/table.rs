//! The functions, one a line.

use super::Function;
use super::Lasting;
use super::Role::{self, *};

/// Calls the macro `$callback` with every function of NVIDIA's header.
///
/// * `remote` functions travel. Each has a number, which it keeps for ever (new ones come at the end), says whether its answer
///   lasts, and names its parameters with their [`Role`](crate::nvml::Role)s. The client exports them under their names.
/// * `inside` ones travel too; the client exports functions of the same names that do more.
/// * `denied` ones change the machine, which is not the client's: `NVML_ERROR_NO_PERMISSION`.
/// * `absent` ones answer `NVML_ERROR_NOT_SUPPORTED`.
///
/// What is in none of the lists the client answers itself.
///
/// Structs that had less in an older version of a function are written as far as that version goes.
#[macro_export]
macro_rules! nvml_functions {
    ($callback:ident) => {
        $callback! {
            remote {
                1 once nvmlSystemGetDriverVersion(version: Buffer, length: Size);
                2 once nvmlSystemGetNVMLVersion(version: Buffer, length: Size);
                3 once nvmlSystemGetCudaDriverVersion(cuda_driver_version: Out(4));
                4 once nvmlSystemGetCudaDriverVersion_v2(cuda_driver_version: Out(4));
                5 once nvmlSystemGetDriverBranch(branch_info: Versioned(&[(1, 84)]), length: Number);
                6 once nvmlDeviceGetAttributes_v2(device: Device, attributes: Out(40));
                7 once nvmlDeviceGetHandleBySerial(serial: Text, device: DeviceOut);
                8 once nvmlDeviceGetHandleByUUID(uuid: Text, device: DeviceOut);
                9 once nvmlDeviceGetHandleByUUIDV(uuid: Versioned(&[(1, 52)]), device: DeviceOut);
                10 once nvmlDeviceGetHandleByPciBusId_v2(pci_bus_id: Text, device: DeviceOut);
                11 once nvmlDeviceGetName(device: Device, name: Buffer, length: Size);
                12 once nvmlDeviceGetBrand(device: Device, kind: Out(4));
                13 once nvmlDeviceGetSerial(device: Device, serial: Buffer, length: Size);
                14 once nvmlDeviceGetModuleId(device: Device, module_id: Out(4));
                15 each nvmlDeviceGetC2cModeInfoV(device: Device, c2c_mode_info: Out(4));
                16 each nvmlDeviceGetAddressingMode(device: Device, mode: Versioned(&[(1, 8)]));
                17 each nvmlDeviceGetRepairStatus(device: Device, repair_status: Versioned(&[(1, 12)]));
                18 once nvmlDeviceGetTopologyCommonAncestor(device1: Device, device2: Device, path_info: Out(4));
                19 once nvmlDeviceGetTopologyNearestGpus(device: Device, level: Number, count: Count, devices: Devices);
                20 once nvmlDeviceGetP2PStatus(device1: Device, device2: Device, p2p_index: Number, p2p_status: Out(4));
                21 once nvmlDeviceGetUUID(device: Device, uuid: Buffer, length: Size);
                22 once nvmlDeviceGetMinorNumber(device: Device, minor_number: Out(4));
                23 once nvmlDeviceGetBoardPartNumber(device: Device, part_number: Buffer, length: Size);
                24 once nvmlDeviceGetInforomVersion(device: Device, object: Number, version: Buffer, length: Size);
                25 once nvmlDeviceGetInforomImageVersion(device: Device, version: Buffer, length: Size);
                26 once nvmlDeviceGetInforomConfigurationChecksum(device: Device, checksum: Out(4));
                27 each nvmlDeviceGetLastBBXFlushTime(device: Device, timestamp: Out(8), duration_us: Out(8));
                28 each nvmlDeviceGetGpuUptime_v1(device: Device, uptime: Out(4));
                29 each nvmlDeviceGetDisplayMode(device: Device, display: Out(4));
                30 each nvmlDeviceGetDisplayActive(device: Device, is_active: Out(4));
                31 each nvmlDeviceGetPersistenceMode(device: Device, mode: Out(4));
                32 once nvmlDeviceGetPciInfoExt(device: Device, pci: Versioned(&[(1, 64)]));
                33 once nvmlDeviceGetPciInfo_v3(device: Device, pci: Out(68));
                34 once nvmlDeviceGetMaxPcieLinkGeneration(device: Device, max_link_gen: Out(4));
                35 once nvmlDeviceGetGpuMaxPcieLinkGeneration(device: Device, max_link_gen_device: Out(4));
                36 once nvmlDeviceGetMaxPcieLinkWidth(device: Device, max_link_width: Out(4));
                37 each nvmlDeviceGetCurrPcieLinkGeneration(device: Device, curr_link_gen: Out(4));
                38 each nvmlDeviceGetCurrPcieLinkWidth(device: Device, curr_link_width: Out(4));
                39 each nvmlDeviceGetPcieThroughput(device: Device, counter: Number, value: Out(4));
                40 each nvmlDeviceGetPcieReplayCounter(device: Device, value: Out(4));
                41 each nvmlDeviceGetClockInfo(device: Device, kind: Number, clock: Out(4));
                42 once nvmlDeviceGetMaxClockInfo(device: Device, kind: Number, clock: Out(4));
                43 each nvmlDeviceGetGpcClkVfOffset(device: Device, offset: Out(4));
                44 each nvmlDeviceGetApplicationsClock(device: Device, clock_type: Number, clock_mhz: Out(4));
                45 each nvmlDeviceGetDefaultApplicationsClock(device: Device, clock_type: Number, clock_mhz: Out(4));
                46 each nvmlDeviceGetClock(device: Device, clock_type: Number, clock_id: Number, clock_mhz: Out(4));
                47 once nvmlDeviceGetMaxCustomerBoostClock(device: Device, clock_type: Number, clock_mhz: Out(4));
                48 once nvmlDeviceGetSupportedMemoryClocks(device: Device, count: Count, clocks_mhz: Array(4));
                49 once nvmlDeviceGetSupportedGraphicsClocks(device: Device, memory_clock_mhz: Number, count: Count, clocks_mhz: Array(4));
                50 each nvmlDeviceGetAutoBoostedClocksEnabled(device: Device, is_enabled: Out(4), default_is_enabled: Out(4));
                51 each nvmlDeviceGetFanSpeed(device: Device, speed: Out(4));
                52 each nvmlDeviceGetFanSpeed_v2(device: Device, fan: Number, speed: Out(4));
                53 each nvmlDeviceGetFanSpeedRPM(device: Device, fan_speed: Versioned(&[(1, 12)]));
                54 each nvmlDeviceGetTargetFanSpeed(device: Device, fan: Number, target_speed: Out(4));
                55 once nvmlDeviceGetMinMaxFanSpeed(device: Device, min_speed: Out(4), max_speed: Out(4));
                56 each nvmlDeviceGetFanControlPolicy_v2(device: Device, fan: Number, policy: Out(4));
                57 once nvmlDeviceGetNumFans(device: Device, num_fans: Out(4));
                58 each nvmlDeviceGetTemperature(device: Device, sensor_type: Number, temp: Out(4));
                59 each nvmlDeviceGetCoolerInfo(device: Device, cooler_info: Versioned(&[(1, 16)]));
                60 each nvmlDeviceGetTemperatureV(device: Device, temperature: Versioned(&[(1, 12)]));
                61 each nvmlDeviceGetTemperatureThreshold(device: Device, threshold_type: Number, temp: Out(4));
                62 each nvmlDeviceGetMarginTemperature(device: Device, margin_temp_info: Versioned(&[(1, 8)]));
                63 each nvmlDeviceGetThermalSettings(device: Device, sensor_index: Number, thermal_settings: Out(64));
                64 each nvmlDeviceGetPerformanceState(device: Device, state: Out(4));
                65 each nvmlDeviceGetCurrentClocksEventReasons(device: Device, clocks_event_reasons: Out(8));
                66 each nvmlDeviceGetCurrentClocksThrottleReasons(device: Device, clocks_throttle_reasons: Out(8));
                67 once nvmlDeviceGetSupportedClocksEventReasons(device: Device, supported_clocks_event_reasons: Out(8));
                68 once nvmlDeviceGetSupportedClocksThrottleReasons(device: Device, supported_clocks_throttle_reasons: Out(8));
                69 each nvmlDeviceGetPowerState(device: Device, state: Out(4));
                70 each nvmlDeviceGetDynamicPstatesInfo(device: Device, dynamic_pstates_info: Out(132));
                71 each nvmlDeviceGetMemClkVfOffset(device: Device, offset: Out(4));
                72 once nvmlDeviceGetMinMaxClockOfPState(device: Device, kind: Number, pstate: Number, min_clock_mhz: Out(4), max_clock_mhz: Out(4));
                73 once nvmlDeviceGetSupportedPerformanceStates(device: Device, pstates: Array(1), size: Size);
                74 each nvmlDeviceGetGpcClkMinMaxVfOffset(device: Device, min_offset: Out(4), max_offset: Out(4));
                75 each nvmlDeviceGetMemClkMinMaxVfOffset(device: Device, min_offset: Out(4), max_offset: Out(4));
                76 each nvmlDeviceGetClockOffsets(device: Device, info: Versioned(&[(1, 24)]));
                77 each nvmlDeviceGetPerformanceModes(device: Device, perf_modes: Versioned(&[(1, 2052)]));
                78 each nvmlDeviceGetCurrentClockFreqs(device: Device, current_clock_freqs: Versioned(&[(1, 2052)]));
                79 each nvmlDeviceGetPowerManagementMode(device: Device, mode: Out(4));
                80 each nvmlDeviceGetPowerManagementLimit(device: Device, limit: Out(4));
                81 once nvmlDeviceGetPowerManagementLimitConstraints(device: Device, min_limit: Out(4), max_limit: Out(4));
                82 once nvmlDeviceGetPowerManagementDefaultLimit(device: Device, default_limit: Out(4));
                83 each nvmlDeviceGetPowerUsage(device: Device, power: Out(4));
                84 each nvmlDeviceGetTotalEnergyConsumption(device: Device, energy: Out(8));
                85 each nvmlDeviceGetEnforcedPowerLimit(device: Device, limit: Out(4));
                86 each nvmlDeviceGetGpuOperationMode(device: Device, current: Out(4), pending: Out(4));
                87 each nvmlDeviceGetMemoryInfo(device: Device, memory: Out(24));
                88 each nvmlDeviceGetMemoryInfo_v2(device: Device, memory: Versioned(&[(2, 40)]));
                89 each nvmlDeviceGetComputeMode(device: Device, mode: Out(4));
                90 once nvmlDeviceGetCudaComputeCapability(device: Device, major: Out(4), minor: Out(4));
                91 each nvmlDeviceGetDramEncryptionMode(device: Device, current: Versioned(&[(1, 8)]), pending: Versioned(&[(1, 8)]));
                92 each nvmlDeviceGetEccMode(device: Device, current: Out(4), pending: Out(4));
                93 once nvmlDeviceGetDefaultEccMode(device: Device, default_mode: Out(4));
                94 once nvmlDeviceGetBoardId(device: Device, board_id: Out(4));
                95 once nvmlDeviceGetMultiGpuBoard(device: Device, multi_gpu_bool: Out(4));
                96 each nvmlDeviceGetTotalEccErrors(device: Device, error_type: Number, counter_type: Number, ecc_counts: Out(8));
                97 each nvmlDeviceGetDetailedEccErrors(device: Device, error_type: Number, counter_type: Number, ecc_counts: Out(32));
                98 each nvmlDeviceGetMemoryErrorCounter(device: Device, error_type: Number, counter_type: Number, location_type: Number, count: Out(8));
                99 each nvmlDeviceGetUtilizationRates(device: Device, utilization: Out(8));
                100 each nvmlDeviceGetEncoderUtilization(device: Device, utilization: Out(4), sampling_period_us: Out(4));
                101 each nvmlDeviceGetEncoderCapacity(device: Device, encoder_query_type: Number, encoder_capacity: Out(4));
                102 each nvmlDeviceGetEncoderStats(device: Device, session_count: Out(4), average_fps: Out(4), average_latency: Out(4));
                103 each nvmlDeviceGetDecoderUtilization(device: Device, utilization: Out(4), sampling_period_us: Out(4));
                104 each nvmlDeviceGetJpgUtilization(device: Device, utilization: Out(4), sampling_period_us: Out(4));
                105 each nvmlDeviceGetOfaUtilization(device: Device, utilization: Out(4), sampling_period_us: Out(4));
                106 each nvmlDeviceGetFBCStats(device: Device, fbc_stats: Out(12));
                107 each nvmlDeviceGetDriverModel_v2(device: Device, current: Out(4), pending: Out(4));
                108 once nvmlDeviceGetVbiosVersion(device: Device, version: Buffer, length: Size);
                109 once nvmlDeviceGetBridgeChipInfo(device: Device, bridge_hierarchy: Out(1028));
                110 once nvmlDeviceOnSameBoard(device1: Device, device2: Device, on_same_board: Out(4));
                111 each nvmlDeviceGetAPIRestriction(device: Device, api_type: Number, is_restricted: Out(4));
                112 each nvmlDeviceGetSamples(device: Device, kind: Number, last_seen_time_stamp: Long, sample_val_type: Out(4), sample_count: Count, samples: Array(16));
                113 each nvmlDeviceGetBAR1MemoryInfo(device: Device, bar1_memory: Out(24));
                114 each nvmlDeviceGetViolationStatus(device: Device, perf_policy_type: Number, viol_time: Out(16));
                115 once nvmlDeviceGetIrqNum(device: Device, irq_num: Out(4));
                116 once nvmlDeviceGetNumGpuCores(device: Device, num_cores: Out(4));
                117 each nvmlDeviceGetPowerSource(device: Device, power_source: Out(4));
                118 once nvmlDeviceGetMemoryBusWidth(device: Device, bus_width: Out(4));
                119 once nvmlDeviceGetPcieLinkMaxSpeed(device: Device, max_speed: Out(4));
                120 each nvmlDeviceGetPcieSpeed(device: Device, pcie_speed: Out(4));
                121 each nvmlDeviceGetAdaptiveClockInfoStatus(device: Device, adaptive_clock_status: Out(4));
                122 once nvmlDeviceGetBusType(device: Device, kind: Out(4));
                123 each nvmlDeviceGetGpuFabricInfo(device: Device, gpu_fabric_info: Out(28));
                124 each nvmlDeviceGetGpuFabricInfoV(device: Device, gpu_fabric_info: Versioned(&[(2, 36), (3, 40)]));
                125 once nvmlSystemGetConfComputeCapabilities(capabilities: Out(8));
                126 each nvmlSystemGetConfComputeState(state: Out(12));
                127 each nvmlDeviceGetConfComputeMemSizeInfo(device: Device, mem_info: Out(16));
                128 each nvmlSystemGetConfComputeGpusReadyState(is_accepting_work: Out(4));
                129 each nvmlDeviceGetConfComputeProtectedMemoryUsage(device: Device, memory: Out(24));
                130 each nvmlSystemGetConfComputeKeyRotationThresholdInfo(key_rotation_thr_info: Versioned(&[(1, 16)]));
                131 each nvmlSystemGetConfComputeSettings(settings: Versioned(&[(1, 20)]));
                132 once nvmlDeviceGetGspFirmwareVersion(device: Device, version: Out(64));
                133 each nvmlDeviceGetGspFirmwareMode(device: Device, is_enabled: Out(4), default_mode: Out(4));
                134 each nvmlDeviceGetSramEccErrorStatus(device: Device, status: Versioned(&[(1, 104)]));
                135 each nvmlDeviceGetAccountingMode(device: Device, mode: Out(4));
                136 once nvmlDeviceGetAccountingBufferSize(device: Device, buffer_size: Out(4));
                137 each nvmlDeviceGetRetiredPages(device: Device, cause: Number, page_count: Count, addresses: Array(8));
                138 each nvmlDeviceGetRetiredPages_v2(device: Device, cause: Number, count: Count, addresses: Array(8), timestamps: Array(8));
                139 each nvmlDeviceGetRetiredPagesPendingStatus(device: Device, is_pending: Out(4));
                140 each nvmlDeviceGetRemappedRows(device: Device, corr_rows: Out(4), unc_rows: Out(4), is_pending: Out(4), failure_occurred: Out(4));
                141 each nvmlDeviceGetRowRemapperHistogram(device: Device, values: Out(20));
                142 once nvmlDeviceGetArchitecture(device: Device, arch: Out(4));
                143 each nvmlDeviceGetClkMonStatus(device: Device, status: Out(264));
                144 each nvmlDeviceGetPlatformInfo(device: Device, platform_info: Versioned(&[(1, 44), (2, 44)]));
                145 each nvmlDeviceGetPdi(device: Device, pdi: Versioned(&[(1, 16)]));
                146 each nvmlDeviceGetNvLinkState(device: Device, link: Number, is_active: Out(4));
                147 once nvmlDeviceGetNvLinkVersion(device: Device, link: Number, version: Out(4));
                148 once nvmlDeviceGetNvLinkCapability(device: Device, link: Number, capability: Number, cap_result: Out(4));
                149 each nvmlDeviceGetNvLinkRemotePciInfo_v2(device: Device, link: Number, pci: Out(68));
                150 each nvmlDeviceGetNvLinkErrorCounter(device: Device, link: Number, counter: Number, counter_value: Out(8));
                151 each nvmlDeviceGetNvLinkUtilizationCounter(device: Device, link: Number, counter: Number, rxcounter: Out(8), txcounter: Out(8));
                152 each nvmlDeviceGetNvLinkRemoteDeviceType(device: Device, link: Number, nv_link_device_type: Out(4));
                153 each nvmlSystemGetNvlinkBwMode(nvlink_bw_mode: Out(4));
                154 each nvmlDeviceGetNvlinkSupportedBwModes(device: Device, supported_bw_mode: Versioned(&[(1, 28)]));
                155 each nvmlDeviceGetNvlinkBwMode(device: Device, get_bw_mode: Versioned(&[(1, 12)]));
                156 each nvmlDeviceGetNvLinkInfo(device: Device, info: Versioned(&[(1, 8), (2, 1612)]));
                157 once nvmlDeviceGetSupportedEventTypes(device: Device, event_types: Out(8));
                158 each nvmlDeviceGetFieldValues(device: Device, count: Size, values: Items(40));
                159 each nvmlDeviceGetVirtualizationMode(device: Device, virtual_mode: Out(4));
                160 each nvmlDeviceGetHostVgpuMode(device: Device, host_vgpu_mode: Out(4));
                161 each nvmlDeviceGetGridLicensableFeatures_v4(device: Device, grid_licensable_features: Out(860));
                162 each nvmlDeviceGetMigMode(device: Device, current_mode: Out(4), pending_mode: Out(4));
                163 each nvmlDeviceGetGpuInstanceId(device: Device, id: Out(4));
                164 each nvmlDeviceGetComputeInstanceId(device: Device, id: Out(4));
                165 each nvmlDeviceGetMaxMigDeviceCount(device: Device, count: Out(4));
                166 each nvmlDeviceGetCapabilities(device: Device, caps: Versioned(&[(1, 8)]));
                167 each nvmlDeviceGetRemappedRows_v2(device: Device, info: Out(24));
                168 once nvmlDeviceGetHandleByPciBusId(pci_bus_id: Text, device: DeviceOut);
                169 once nvmlDeviceGetPciInfo(device: Device, pci: Out(32));
                170 once nvmlDeviceGetPciInfo_v2(device: Device, pci: Out(36));
                171 each nvmlDeviceGetNvLinkRemotePciInfo(device: Device, link: Number, pci: Out(36));
                172 once nvmlDeviceGetAttributes(device: Device, attributes: Out(40));
                173 each nvmlDeviceGetDriverModel(device: Device, current: Out(4), pending: Out(4));
            }
            inside {
                174 each nvmlDeviceGetComputeRunningProcesses_v3(device: Device, info_count: Count, infos: Array(24));
                175 each nvmlDeviceGetGraphicsRunningProcesses_v3(device: Device, info_count: Count, infos: Array(24));
                176 each nvmlDeviceGetMPSComputeRunningProcesses_v3(device: Device, info_count: Count, infos: Array(24));
                177 each nvmlDeviceGetProcessUtilization(device: Device, utilization: Array(32), count: Count, last_seen: Long);
            }
            denied {
                nvmlComputeInstanceDestroy
                nvmlDeviceClearAccountingPids
                nvmlDeviceClearEccErrorCounts
                nvmlDeviceClearFieldValues
                nvmlDeviceCreateGpuInstance
                nvmlDeviceCreateGpuInstanceWithPlacement
                nvmlDeviceDiscoverGpus
                nvmlDeviceFreezeNvLinkUtilizationCounter
                nvmlDeviceLockNvlinkRemapTable_v1
                nvmlDeviceModifyDrainState
                nvmlDevicePowerSmoothingActivatePresetProfile
                nvmlDevicePowerSmoothingSetState
                nvmlDevicePowerSmoothingUpdatePresetProfileParam
                nvmlDeviceReadWritePRM_v1
                nvmlDeviceRemoveGpu
                nvmlDeviceRemoveGpu_v2
                nvmlDeviceResetApplicationsClocks
                nvmlDeviceResetGpuLockedClocks
                nvmlDeviceResetMemoryLockedClocks
                nvmlDeviceResetNvLinkErrorCounters
                nvmlDeviceResetNvLinkUtilizationCounter
                nvmlDeviceSetAPIRestriction
                nvmlDeviceSetAccountingMode
                nvmlDeviceSetAdaptiveTgpMode_v1
                nvmlDeviceSetApplicationsClocks
                nvmlDeviceSetAutoBoostedClocksEnabled
                nvmlDeviceSetClockOffsets
                nvmlDeviceSetComputeMode
                nvmlDeviceSetConfComputeUnprotectedMemSize
                nvmlDeviceSetDefaultAutoBoostedClocksEnabled
                nvmlDeviceSetDefaultFanSpeed_v2
                nvmlDeviceSetDramEncryptionMode
                nvmlDeviceSetDriverModel
                nvmlDeviceSetEccMode
                nvmlDeviceSetFanControlPolicy
                nvmlDeviceSetFanSpeed_v2
                nvmlDeviceSetGpcClkVfOffset
                nvmlDeviceSetGpuLockedClocks
                nvmlDeviceSetGpuOperationMode
                nvmlDeviceSetHostname_v1
                nvmlDeviceSetMemClkVfOffset
                nvmlDeviceSetMemoryLimits_v1
                nvmlDeviceSetMemoryLockedClocks
                nvmlDeviceSetMigMode
                nvmlDeviceSetNvLinkDeviceLowPowerThreshold
                nvmlDeviceSetNvLinkUtilizationControl
                nvmlDeviceSetNvlinkBwMode
                nvmlDeviceSetNvlinkBwModeAsync_v1
                nvmlDeviceSetNvlinkNvleReady_v1
                nvmlDeviceSetPersistenceMode
                nvmlDeviceSetPowerManagementLimit
                nvmlDeviceSetPowerManagementLimit_v2
                nvmlDeviceSetPowerMizerMode_v1
                nvmlDeviceSetRusdSettings_v1
                nvmlDeviceSetTemperatureThreshold
                nvmlDeviceSetVgpuCapabilities
                nvmlDeviceSetVgpuHeterogeneousMode
                nvmlDeviceSetVgpuSchedulerState
                nvmlDeviceSetVgpuSchedulerState_v2
                nvmlDeviceSetVirtualizationMode
                nvmlDeviceSetupNvlinkNvleEncryptionKey_v1
                nvmlDeviceValidateInforom
                nvmlDeviceVgpuForceGspUnload
                nvmlDeviceWorkloadPowerProfileClearRequestedProfiles
                nvmlDeviceWorkloadPowerProfileSetRequestedProfiles
                nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1
                nvmlGpmSetStreamingEnabled
                nvmlGpuInstanceCreateComputeInstance
                nvmlGpuInstanceCreateComputeInstanceWithPlacement
                nvmlGpuInstanceDestroy
                nvmlGpuInstanceSetVgpuHeterogeneousMode
                nvmlGpuInstanceSetVgpuSchedulerState
                nvmlGpuInstanceSetVgpuSchedulerState_v2
                nvmlSetVgpuVersion
                nvmlSystemSetConfComputeGpusReadyState
                nvmlSystemSetConfComputeKeyRotationThresholdInfo
                nvmlSystemSetNvlinkBwMode
                nvmlUnitSetLedState
                nvmlVgpuInstanceClearAccountingPids
                nvmlVgpuInstanceSetEncoderCapacity
            }
            absent {
                nvmlComputeInstanceGetInfo
                nvmlComputeInstanceGetInfo_v2
                nvmlDeviceGetAccountingPids
                nvmlDeviceGetAccountingStats
                nvmlDeviceGetAccountingStats_v2
                nvmlDeviceGetActiveVgpus
                nvmlDeviceGetAdaptiveTgpModeInfo_v1
                nvmlDeviceGetBBXTimeData_v1
                nvmlDeviceGetBankRemapperStatus_v1
                nvmlDeviceGetConfComputeGpuAttestationReport
                nvmlDeviceGetConfComputeGpuCertificate
                nvmlDeviceGetCreatableVgpus
                nvmlDeviceGetEncoderSessions
                nvmlDeviceGetFBCSessions
                nvmlDeviceGetGpuFabricInfo_v4
                nvmlDeviceGetGpuInstanceById
                nvmlDeviceGetGpuInstancePossiblePlacements
                nvmlDeviceGetGpuInstancePossiblePlacements_v2
                nvmlDeviceGetGpuInstanceProfileInfo
                nvmlDeviceGetGpuInstanceProfileInfoByIdV
                nvmlDeviceGetGpuInstanceProfileInfoV
                nvmlDeviceGetGpuInstanceRemainingCapacity
                nvmlDeviceGetGpuInstances
                nvmlDeviceGetGridLicensableFeatures
                nvmlDeviceGetGridLicensableFeatures_v2
                nvmlDeviceGetGridLicensableFeatures_v3
                nvmlDeviceGetHostname_v1
                nvmlDeviceGetMemoryAffinity
                nvmlDeviceGetMemoryLimits_v1
                nvmlDeviceGetMigDeviceHandleByIndex
                nvmlDeviceGetNumaNodeId
                nvmlDeviceGetNvLinkInfo_v3
                nvmlDeviceGetNvLinkTelemetrySamples_v1
                nvmlDeviceGetNvLinkUtilizationControl
                nvmlDeviceGetNvlinkNvlePrivateInfo_v1
                nvmlDeviceGetNvlinkRemapTableInfo_v1
                nvmlDeviceGetPgpuMetadataString
                nvmlDeviceGetPowerMizerMode_v1
                nvmlDeviceGetProcessesUtilizationInfo
                nvmlDeviceGetSramUniqueUncorrectedEccErrorCounts
                nvmlDeviceGetSupportedVgpus
                nvmlDeviceGetUnrepairableMemoryFlag_v1
                nvmlDeviceGetVgpuCapabilities
                nvmlDeviceGetVgpuHeterogeneousMode
                nvmlDeviceGetVgpuInstancesUtilizationInfo
                nvmlDeviceGetVgpuMetadata
                nvmlDeviceGetVgpuProcessUtilization
                nvmlDeviceGetVgpuProcessesUtilizationInfo
                nvmlDeviceGetVgpuSchedulerCapabilities
                nvmlDeviceGetVgpuSchedulerLog
                nvmlDeviceGetVgpuSchedulerLog_v2
                nvmlDeviceGetVgpuSchedulerState
                nvmlDeviceGetVgpuSchedulerState_v2
                nvmlDeviceGetVgpuTypeCreatablePlacements
                nvmlDeviceGetVgpuTypeSupportedPlacements
                nvmlDeviceGetVgpuUtilization
                nvmlDevicePerfMetricsGetSamples_v1
                nvmlDeviceQueryDrainState
                nvmlDeviceReadPRMCounters_v1
                nvmlDeviceWorkloadPowerProfileGetCurrentProfiles
                nvmlDeviceWorkloadPowerProfileGetProfilesInfo
                nvmlEventSetGetContextCount_v1
                nvmlEventSetGetContextData_v1
                nvmlEventSetGetContextInfo_v1
                nvmlEventSetGetGpuOperationalEventContextLegacyXid_v1
                nvmlEventSetRegisterGpuOperationalEvents_v1
                nvmlEventSetWait_v3
                nvmlGetExcludedDeviceInfoByIndex
                nvmlGetVgpuCompatibility
                nvmlGetVgpuDriverCapabilities
                nvmlGetVgpuVersion
                nvmlGpmMetricsGet
                nvmlGpmMigSampleGet
                nvmlGpmQueryIfStreamingEnabled
                nvmlGpmSampleAlloc
                nvmlGpmSampleFree
                nvmlGpmSampleGet
                nvmlGpuInstanceGetActiveVgpus
                nvmlGpuInstanceGetComputeInstanceById
                nvmlGpuInstanceGetComputeInstancePossiblePlacements
                nvmlGpuInstanceGetComputeInstanceProfileInfo
                nvmlGpuInstanceGetComputeInstanceProfileInfoV
                nvmlGpuInstanceGetComputeInstanceRemainingCapacity
                nvmlGpuInstanceGetComputeInstances
                nvmlGpuInstanceGetCreatableVgpus
                nvmlGpuInstanceGetInfo
                nvmlGpuInstanceGetVgpuHeterogeneousMode
                nvmlGpuInstanceGetVgpuSchedulerLog
                nvmlGpuInstanceGetVgpuSchedulerLog_v2
                nvmlGpuInstanceGetVgpuSchedulerState
                nvmlGpuInstanceGetVgpuSchedulerState_v2
                nvmlGpuInstanceGetVgpuTypeCreatablePlacements
                nvmlSystemEventSetCreate
                nvmlSystemEventSetFree
                nvmlSystemEventSetWait
                nvmlSystemGetCPER_v1
                nvmlSystemGetConfComputeSettings_v2
                nvmlSystemGetHicVersion
                nvmlSystemGetTopologyGpuSet
                nvmlSystemRegisterEvents
                nvmlUnitGetDevices
                nvmlUnitGetFanSpeedInfo
                nvmlUnitGetHandleByIndex
                nvmlUnitGetLedState
                nvmlUnitGetPsuInfo
                nvmlUnitGetTemperature
                nvmlUnitGetUnitInfo
                nvmlVgpuInstanceGetAccountingMode
                nvmlVgpuInstanceGetAccountingPids
                nvmlVgpuInstanceGetAccountingStats
                nvmlVgpuInstanceGetEccMode
                nvmlVgpuInstanceGetEncoderCapacity
                nvmlVgpuInstanceGetEncoderSessions
                nvmlVgpuInstanceGetEncoderStats
                nvmlVgpuInstanceGetFBCSessions
                nvmlVgpuInstanceGetFBCStats
                nvmlVgpuInstanceGetFbUsage
                nvmlVgpuInstanceGetFrameRateLimit
                nvmlVgpuInstanceGetGpuInstanceId
                nvmlVgpuInstanceGetGpuPciId
                nvmlVgpuInstanceGetLicenseInfo
                nvmlVgpuInstanceGetLicenseInfo_v2
                nvmlVgpuInstanceGetLicenseStatus
                nvmlVgpuInstanceGetMdevUUID
                nvmlVgpuInstanceGetMetadata
                nvmlVgpuInstanceGetPlacementId
                nvmlVgpuInstanceGetRuntimeStateSize
                nvmlVgpuInstanceGetType
                nvmlVgpuInstanceGetUUID
                nvmlVgpuInstanceGetVmDriverVersion
                nvmlVgpuInstanceGetVmID
                nvmlVgpuTypeGetBAR1Info
                nvmlVgpuTypeGetCapabilities
                nvmlVgpuTypeGetClass
                nvmlVgpuTypeGetDeviceID
                nvmlVgpuTypeGetFbReservation
                nvmlVgpuTypeGetFrameRateLimit
                nvmlVgpuTypeGetFramebufferSize
                nvmlVgpuTypeGetGpuInstanceProfileId
                nvmlVgpuTypeGetGspHeapSize
                nvmlVgpuTypeGetLicense
                nvmlVgpuTypeGetMaxInstances
                nvmlVgpuTypeGetMaxInstancesPerGpuInstance
                nvmlVgpuTypeGetMaxInstancesPerVm
                nvmlVgpuTypeGetName
                nvmlVgpuTypeGetNumDisplayHeads
                nvmlVgpuTypeGetResolution
                nvmlGetBlacklistDeviceCount
                nvmlGetBlacklistDeviceInfoByIndex
            }
        }
    };
}

macro_rules! table {
    (
        remote { $($number:literal $lasting:ident $name:ident($($parameter:ident: $role:expr),*);)* }
        inside { $($inner_number:literal $inner_lasting:ident $inner:ident($($inner_parameter:ident: $inner_role:expr),*);)* }
        denied { $($denied:ident)* }
        absent { $($absent:ident)* }
    ) => {
        /// Every function that travels, by number.
        pub static FUNCTIONS: &[Function] = &[
            $(Function {
                number: $number,
                name: stringify!($name),
                lasting: lasting!($lasting),
                parameters: { const ROLES: &[Role] = &[$($role),*]; ROLES },
            },)*
            $(Function {
                number: $inner_number,
                name: stringify!($inner),
                lasting: lasting!($inner_lasting),
                parameters: { const ROLES: &[Role] = &[$($inner_role),*]; ROLES },
            },)*
        ];
    };
}

macro_rules! lasting {
    (once) => {
        Lasting::Once
    };
    (each) => {
        Lasting::Each
    };
}

nvml_functions!(table);
