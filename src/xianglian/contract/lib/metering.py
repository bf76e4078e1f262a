"""Metered devices 计量设备: readings that a device has signed itself, in order, and what they add up to."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    Bytes,
    ContractError,
    Enum,
    Map,
    Public,
    Ref,
    Set,
    Time,
    component,
    ctx,
    each,
    emit,
    encode,
    ensures,
    entry,
    event,
    invariant,
    overridable,
    record,
    replace,
    require,
    sm2_verify,
    u64,
    u128,
    view,
)

SKEW_MS = 300_000
"""How far a device's clock may run before block time."""


class DeviceStatus(Enum):
    """设备状态 / State of a device"""

    ACTIVE = 0, "在用 / In use"
    SUSPENDED = 1, "停用 / Suspended"
    RETIRED = 2, "报废 / Retired"


@record
class Device:
    """设备 / A device"""

    operator: Address
    key: Public[Bytes[33]]
    status: DeviceStatus
    counter: u64
    value: u64
    at: Time
    step_most: u64
    metered: u128


@record
class Reading:
    """读数 / A reading, whose bytes the device signs"""

    contract: Address
    device: Ref
    counter: u64
    value: u64
    at: Time


@event
class DeviceListed:
    """设备已登记 / Device listed, or its key replaced"""

    device: Ref
    operator: Address
    key: Public[Bytes[33]]


@event
class DeviceChanged:
    """设备状态已变更 / Device suspended, resumed or retired"""

    device: Ref
    status: DeviceStatus


@event
class Metered:
    """已计量 / Metered"""

    device: Ref
    counter: u64
    value: u64
    used: u64
    at: Time


@event
class StepTooLarge:
    """读数异常 / A reading rose more than the device can measure in one step; it counts"""

    device: Ref
    counter: u64
    used: u64


class NotInspector(ContractError):
    """无权管理设备 / The caller may not list or change devices."""


class DeviceExists(ContractError):
    """设备或密钥已登记 / The device is listed already, or its key is known."""


class NoSuchDevice(ContractError):
    """没有该设备，或不在用 / There is no such device in use."""


class BadSignature(ContractError):
    """签名无效 / The device has not signed this reading for this contract."""


class StaleReading(ContractError):
    """读数过期或重复 / The counter must rise, the value must not fall, and the time lie in between."""

    counter: u64
    value: u64
    at: Time


class WrongDeviceStatus(ContractError):
    """设备状态不符 / Not from this state."""

    status: DeviceStatus


@component
class MeteredDevice:
    """计量设备 / Readings of devices.

    Keeps: a reading counts once, in order of its counter, only with the device's signature over this
    contract's address; values never fall, so what is metered is the sum of their rises; a suspended or
    retired device meters nothing; a key belongs to one device for ever, so that a replaced key proves
    nothing new. Anyone may hand a reading in: the signature, not the sender, makes it good.
    """

    devices: Map[Ref, Device]
    keys_used: Set[Public[Bytes[33]]]

    @overridable
    def _may_list(self) -> None:
        require(ctx.has_role(ctx.caller, "metrology"), NotInspector)

    def _device(self, device: Ref) -> Device:
        found = self.devices.get(device)
        if found is None:
            raise NoSuchDevice
        return found

    @entry
    def list_device(
        self, device: Ref, operator: Address, key: Public[Bytes[33]], value: u64, step_most: u64
    ) -> None:
        """登记设备 / List a device.

        device: 设备编号摘要 / Digest of its number
        operator: 运营方 / Who runs it
        key: 设备公钥 / Its public key, compressed SM2
        value: 初始读数 / What it shows now
        step_most: 单次最大增量 / The most that one reading may add before it is reported
        """
        self._may_list()
        require(device not in self.devices, DeviceExists)
        require(len(key) == 33, BadSignature)
        require(self.keys_used.add(key), DeviceExists)
        self.devices[device] = Device(
            operator=operator,
            key=key,
            status=DeviceStatus.ACTIVE,
            counter=0,
            value=value,
            at=ctx.time_ms,
            step_most=step_most,
            metered=0,
        )
        emit(DeviceListed(device=device, operator=operator, key=key))

    @entry
    def replace_key(self, device: Ref, key: Public[Bytes[33]]) -> None:
        """更换密钥 / Give a device another key; counter and value go on.

        device: 设备 / The device
        key: 新公钥 / Its new public key
        """
        self._may_list()
        found = self._device(device)
        require(found.status != DeviceStatus.RETIRED, WrongDeviceStatus(status=found.status))
        require(len(key) == 33, BadSignature)
        require(self.keys_used.add(key), DeviceExists)
        self.devices[device] = replace(found, key=key)
        emit(DeviceListed(device=device, operator=found.operator, key=key))

    @entry
    def set_device_status(self, device: Ref, status: DeviceStatus) -> None:
        """变更设备状态 / Suspend, resume or retire a device.

        device: 设备 / The device
        status: 新状态 / New state
        """
        self._may_list()
        found = self._device(device)
        require(
            found.status != DeviceStatus.RETIRED and found.status != status,
            WrongDeviceStatus(status=found.status),
        )
        self.devices[device] = replace(found, status=status)
        emit(DeviceChanged(device=device, status=status))

    @entry
    def meter(self, device: Ref, counter: u64, value: u64, at: Time, signature: Public[Bytes[64]]) -> u64:
        """上报读数 / Hand a reading in; yields what it adds.

        device: 设备 / The device
        counter: 序号 / The device's counter
        value: 累计值 / What it shows
        at: 计量时间 / When it was read
        signature: 设备签名 / SM2 over the bytes of the reading
        """
        found = self._device(device)
        require(found.status == DeviceStatus.ACTIVE, NoSuchDevice)
        fresh = counter > found.counter and value >= found.value and at >= found.at
        require(
            fresh and at <= ctx.time_ms + SKEW_MS,
            StaleReading(counter=found.counter, value=found.value, at=found.at),
        )
        reading = Reading(contract=ctx.self_address, device=device, counter=counter, value=value, at=at)
        require(sm2_verify(found.key, signature, encode(reading)), BadSignature)
        used = value - found.value
        self.devices[device] = replace(
            found, counter=counter, value=value, at=at, metered=found.metered + u128(used)
        )
        emit(Metered(device=device, counter=counter, value=value, used=used, at=at))
        if used > found.step_most:
            emit(StepTooLarge(device=device, counter=counter, used=used))
        return used

    @view
    def device(self, device: Ref) -> Device:
        """设备 / A device and its last reading."""
        return self._device(device)

    @invariant
    def keys_are_known(self) -> bool:
        """密钥均已登记 / Each device's key is among those that were used."""
        return each(self.devices, lambda device, found: found.key in self.keys_used)

    @invariant
    def metered_is_what_rose(self) -> bool:
        """计量不超读数 / What is metered is at most what the device shows."""
        return each(self.devices, lambda device, found: found.metered <= found.value)

    @ensures
    def readings_go_on(self, old: MeteredDevice) -> bool:
        """读数只增 / Counter, value and time never fall; what the value rose is metered, once."""
        return each(
            old.devices,
            lambda device, found: (
                device in self.devices
                and self.devices[device].counter >= found.counter
                and self.devices[device].value >= found.value
                and self.devices[device].at >= found.at
                and self.devices[device].metered - found.metered == self.devices[device].value - found.value
                and (
                    self.devices[device].counter > found.counter
                    or (self.devices[device].value == found.value and self.devices[device].at == found.at)
                )
            ),
        )

    @ensures
    def only_devices_in_use_meter(self, old: MeteredDevice) -> bool:
        """停用不计量 / Only a device in use meters, and no time beyond the clock's skew."""
        return each(
            old.devices,
            lambda device, found: (
                self.devices[device].counter == found.counter
                or (
                    found.status == DeviceStatus.ACTIVE
                    and self.devices[device].status == DeviceStatus.ACTIVE
                    and self.devices[device].key == found.key
                    and self.devices[device].at <= ctx.time_ms + SKEW_MS
                )
            ),
        )

    @ensures
    def retired_stays_retired(self, old: MeteredDevice) -> bool:
        """报废不可逆 / A retired device stays so, with its key; operator and step never change."""
        return each(
            old.devices,
            lambda device, found: (
                self.devices[device].operator == found.operator
                and self.devices[device].step_most == found.step_most
                and (
                    found.status != DeviceStatus.RETIRED
                    or (
                        self.devices[device].status == DeviceStatus.RETIRED
                        and self.devices[device].key == found.key
                    )
                )
            ),
        )

    @ensures
    def keys_are_new(self, old: MeteredDevice) -> bool:
        """密钥不重用 / A device's key is the one it had, or one that no device ever had."""
        return each(
            self.devices,
            lambda device, found: (
                found.key not in old.keys_used
                or (device in old.devices and old.devices[device].key == found.key)
            ),
        )

    @ensures
    def devices_begin_at_zero(self, old: MeteredDevice) -> bool:
        """从零计量 / A new device is in use, and has metered nothing."""
        return each(
            self.devices,
            lambda device, found: (
                device in old.devices
                or (
                    found.counter == 0
                    and found.metered == 0
                    and found.at == ctx.time_ms
                    and found.status == DeviceStatus.ACTIVE
                )
            ),
        )
